// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/path_answer.h"

#include <QWidget>

class QHBoxLayout;

namespace gatescope::ui {

/// The worst findings side by side, each a button with its sign and its words, and a button for the rest.
class FindingLine : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t kMost = 3; ///< as many as there is room for words

    explicit FindingLine(QWidget* parent = nullptr);
    /// `nothing` is said when there are none.
    void show(const std::vector<PathFinding>& findings, const QString& nothing);
    void clear();

Q_SIGNALS:
    void chosen(std::size_t finding, Qt::KeyboardModifiers modifiers);
    void allWanted();

private:
    QHBoxLayout* m_row = nullptr;
};

} // namespace gatescope::ui
