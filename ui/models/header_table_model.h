// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/masking.h"

#include <QAbstractTableModel>

#include <optional>
#include <string>
#include <vector>

namespace gatescope::ui {

/// The header fields of one exchange in the order in which they were sent, requests first, with what is known of them.
/// Values are masked unless revealed.
class HeaderTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Side, Name, Value, Sensitivity, Meaning, ColumnCount };

    explicit HeaderTableModel(QObject* parent = nullptr);

    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();
    void setRevealed(bool revealed);
    /// The header of a row as a field of the filter language.
    std::optional<analysis::Field> fieldAt(int row) const;
    /// As shown.
    QString valueAt(int row) const;
    /// As sent, for a filter.
    std::string rawValueAt(int row) const;
    /// Tells of a certificate that can be judged.
    bool namesCertificate(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Line {
        analysis::Direction direction = analysis::Direction::Request;
        std::string name, value;
        const analysis::HeaderKnowledge* knowledge = nullptr;
        analysis::Sensitivity sensitivity = analysis::Sensitivity::None;
        bool certificate = false;
    };
    QString display(const Line& line, int column) const;
    QString toolTip(const Line& line) const;

    std::vector<Line> m_lines;
    bool m_revealed = false;
};

} // namespace gatescope::ui
