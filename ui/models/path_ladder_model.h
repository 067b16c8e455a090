// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/source_path.h"
#include "ui/widgets/hop_graph_layout.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace gatescope::ui {

/// The hops of one call from the origin down to the model, each with what speaks for it and against it, and then what
/// was found about the way.
class PathLadderModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { What, Value, Standing, Range, Subnet, ColumnCount };
    enum class Kind { Hop, Gap, For, Against, Finding };
    /// The line down the side of a row, above and below its middle.
    struct Rail {
        std::optional<HopLine> above, below;
        bool stop = false; ///< a hop stands here
        bool gap = false;
    };

    explicit PathLadderModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void show(const path::SourcePath& path);
    void clear() { show({}); }
    Kind kindAt(int row) const { return m_lines[static_cast<std::size_t>(row)].kind; }
    const Rail& railAt(int row) const { return m_lines[static_cast<std::size_t>(row)].rail; }
    /// The header that a row of evidence is about; empty for anything else.
    QString headerAt(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Line {
        Kind kind = Kind::Hop;
        QString cells[ColumnCount];
        Glyph glyph = Glyph::Node;
        Tone tone = Tone::Text;
        Rail rail;
        QString more;
    };
    void addHop(const path::SourcePath& path, std::size_t hop);
    void addFinding(const Finding& finding);

    std::vector<Line> m_lines;
};

} // namespace gatescope::ui
