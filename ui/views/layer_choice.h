// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/field.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QHBoxLayout;
class QToolButton;

namespace gatescope::ui {

/// A row of fields, each in a combo box: layers of a flow, parts of a counter key. Any text or number field and any
/// header; the same field only once.
class LayerChoice : public QWidget {
    Q_OBJECT
public:
    /// `between` stands between two fields (`›`, `+`). `least` fields cannot be removed.
    LayerChoice(QString name, QString between, std::size_t least, std::size_t most, QWidget* parent = nullptr);

    void setFields(const std::vector<analysis::Field>& fields);
    const std::vector<analysis::Field>& fields() const { return m_fields; }
    /// Names of the fields, as they are remembered.
    QStringList names() const;
    /// Unknown names are left out; does nothing when none is left and some are needed.
    void setNames(const QStringList& names);

Q_SIGNALS:
    void changed();

private:
    void rebuild();
    void choose(std::size_t place, int index);
    void askForHeader(std::size_t place);
    void replace(std::size_t place, const analysis::Field& field);
    QComboBox* comboFor(std::size_t place);

    QString m_name;
    QString m_between;
    std::size_t m_least;
    std::size_t m_most;
    std::vector<analysis::Field> m_fields;
    QHBoxLayout* m_row = nullptr;
};

} // namespace gatescope::ui
