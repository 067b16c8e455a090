// SPDX-License-Identifier: Apache-2.0
// Menus, tool bar and keys of the main window. The keys are Wireshark's wherever it has the function.
#include "ui/views/certificates_page.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/group_panel.h"
#include "ui/views/main_window.h"
#include "ui/views/page_stack.h"
#include "ui/views/paths_page.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMenuBar>
#include <QToolBar>

namespace gatescope::ui {

QAction* MainWindow::makeAction(const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
    auto* action = new QAction(text, this);
    action->setShortcuts(keys);
    if (!keys.isEmpty()) {
        const QString name = QString(text).remove(QChar('&')).remove(QChar(0x2026));
        action->setToolTip(QStringLiteral("%1 (%2)").arg(name, keys.front().toString(QKeySequence::NativeText)));
    }
    connect(action, &QAction::triggered, this, std::move(run));
    addAction(action); // so that its keys work even where it stands in no menu
    return action;
}

void MainWindow::buildActions() {
    buildFileMenu();
    buildEditMenu();
    buildViewMenu();
    buildGoMenu();
    buildCaptureMenu();
    buildAnalyseMenu();
    buildExportMenu();
    buildHelpMenu();
    buildToolBar();
    m_table->addActions({m_actions.asColumn, m_actions.copyCurl});
}

void MainWindow::buildFileMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&File"));
    m_actions.open = makeAction(tr("&Open…"), {QKeySequence(tr("Ctrl+O"))}, [this] { askForFiles(); });
    m_actions.open->setIcon(icon(Glyph::Open));
    m_actions.open->setIconText(tr("Open"));
    menu->addAction(m_actions.open);
    m_recentMenu = menu->addMenu(tr("Open &Recent"));
    connect(m_recentMenu, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
    menu->addAction(makeAction(tr("Open the &Sample"), {}, [this] { openSample(); }));
    menu->addAction(makeAction(tr("&Follow a Growing File…"), {}, [this] { askForGrowing(); }));
    auto* keys =
        makeAction(tr("Add &Key Log or Private Key…"), {QKeySequence(tr("Ctrl+Shift+K"))}, [this] { askForSecrets(); });
    keys->setIcon(icon(Glyph::Key));
    menu->addAction(keys);
    menu->addSeparator();
    m_actions.reload = makeAction(tr("Re&load"), {QKeySequence(tr("Ctrl+R"))}, [this] { reload(); });
    m_actions.reload->setIcon(icon(Glyph::Reload));
    menu->addAction(m_actions.reload);
    m_actions.cancel = makeAction(tr("S&top Reading"), {QKeySequence(tr("Esc"))}, [this] { m_session.cancel(); });
    m_actions.cancel->setIcon(icon(Glyph::Stop));
    m_actions.cancel->setIconText(tr("Stop"));
    menu->addAction(m_actions.cancel);
    m_actions.close = makeAction(tr("&Close"), {QKeySequence(tr("Ctrl+W"))},
                                 [this] { unlessUnsaved([this] { m_session.close(); }); });
    menu->addAction(m_actions.close);
    menu->addSeparator();
    menu->addAction(makeAction(tr("&Quit"), {QKeySequence(tr("Ctrl+Q"))}, [this] { close(); }));
}

void MainWindow::buildEditMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Edit"));
    m_actions.copyValue = makeAction(tr("&Copy Value"), {QKeySequence(tr("Ctrl+Shift+Y"))}, [this] { copyValue(); });
    m_actions.copyValue->setIcon(icon(Glyph::Copy));
    menu->addAction(m_actions.copyValue);
    menu->addSeparator();
    menu->addAction(makeAction(tr("&Filter"), {QKeySequence(tr("Ctrl+L")), QKeySequence(tr("Ctrl+/"))},
                               [this] { m_filterBar->focusText(); }));
    m_actions.clearFilter = makeAction(tr("C&lear Filter, Group and Time"), {QKeySequence(tr("Ctrl+Shift+X"))}, [this] {
        m_groups->chooseAll();
        chooseGroup({}, {});
        chooseSpan(std::nullopt);
        m_filterBar->clear();
    });
    menu->addAction(m_actions.clearFilter);
}

void MainWindow::buildViewMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&View"));
    for (std::size_t i = 0; i < m_pageStack->pages().size(); ++i) {
        const QKeySequence key(QStringLiteral("Ctrl+%1").arg(i + 1));
        menu->addAction(
            makeAction(m_pageStack->pages()[i]->title(), {key}, [this, i] { showPage(static_cast<int>(i)); }));
    }
    menu->addSeparator();
    QAction* panel = m_groupDock->toggleViewAction();
    panel->setText(tr("&Groups"));
    connect(panel, &QAction::triggered, this, [this](bool on) { m_groupsWanted = on; });
    menu->addAction(panel);
    menu->addSeparator();
    QMenu* columns = menu->addMenu(tr("&Columns"));
    connect(columns, &QMenu::aboutToShow, m_table, [this, columns] { m_table->fillColumnsMenu(columns); });
    m_actions.fit =
        makeAction(tr("&Fit Columns"), {QKeySequence(tr("Ctrl+Shift+R"))}, [this] { m_table->fitColumns(); });
    menu->addAction(m_actions.fit);
    menu->addSeparator();
    QMenu* themes = menu->addMenu(tr("&Theme"));
    auto* group = new QActionGroup(this);
    const std::pair<QString, Theme::Choice> choices[] = {{tr("As the &System"), Theme::Choice::Auto},
                                                         {tr("&Light"), Theme::Choice::Light},
                                                         {tr("&Dark"), Theme::Choice::Dark}};
    for (const auto& [text, choice] : choices) {
        QAction* action = themes->addAction(text);
        action->setCheckable(true);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, choice = choice] { m_theme.setChoice(choice); });
        const auto show = [this, action, choice = choice] { action->setChecked(m_theme.choice() == choice); };
        connect(&m_theme, &Theme::changed, action, show);
        show();
    }
    m_actions.theme =
        makeAction(tr("Light or &Dark"), {QKeySequence(tr("Ctrl+Shift+L"))}, [this] { m_theme.toggle(); });
    menu->addAction(m_actions.theme);
    const auto sign = [this] {
        m_actions.theme->setIcon(icon(m_theme.dark() ? Glyph::Sun : Glyph::Moon));
        m_actions.theme->setIconText(m_theme.dark() ? tr("Light") : tr("Dark"));
    };
    connect(&m_theme, &Theme::changed, this, sign);
    sign();
    menu->addSeparator();
    menu->addAction(makeAction(tr("Zoom &In"), {QKeySequence(tr("Ctrl++"))}, [this] { zoom(1); }));
    menu->addAction(makeAction(tr("Zoom &Out"), {QKeySequence(tr("Ctrl+-"))}, [this] { zoom(-1); }));
    menu->addAction(makeAction(tr("&Normal Size"), {QKeySequence(tr("Ctrl+="))}, [this] { zoom(0); }));
}

void MainWindow::buildGoMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Go"));
    const auto keys = [](const char* first, const char* second) {
        return QList<QKeySequence>{QKeySequence(QLatin1String(first)), QKeySequence(QLatin1String(second))};
    };
    m_actions.next = makeAction(tr("&Next Request"), keys("Ctrl+Down", "F8"), [this] { m_table->step(1); });
    m_actions.previous = makeAction(tr("&Previous Request"), keys("Ctrl+Up", "F7"), [this] { m_table->step(-1); });
    m_actions.nextInFlow = makeAction(tr("Next on the Same Connection"), {QKeySequence(tr("Ctrl+."))},
                                      [this] { m_table->stepInConversation(1); });
    m_actions.previousInFlow = makeAction(tr("Previous on the Same Connection"), {QKeySequence(tr("Ctrl+,"))},
                                          [this] { m_table->stepInConversation(-1); });
    m_actions.goTo = makeAction(tr("&Go to Request…"), {QKeySequence(tr("Ctrl+G"))}, [this] { askForRequestNumber(); });
    m_actions.back = makeAction(tr("&Back"), {QKeySequence(tr("Alt+Left"))}, [this] { go(-1); });
    m_actions.forward = makeAction(tr("&Forward"), {QKeySequence(tr("Alt+Right"))}, [this] { go(1); });
    menu->addActions({m_actions.next, m_actions.previous, m_actions.nextInFlow, m_actions.previousInFlow});
    menu->addSeparator();
    menu->addActions({m_actions.goTo, m_actions.back, m_actions.forward});
    menu->addSeparator();
    menu->addAction(makeAction(tr("To the &List"), {QKeySequence(tr("Ctrl+["))}, [this] { showPage(0); }));
    menu->addAction(makeAction(tr("To the &Details"), {QKeySequence(tr("Ctrl+]"))}, [this] {
        showPage(0);
        m_details->focusTab();
    }));
}

void MainWindow::buildAnalyseMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Analyse"));
    m_actions.asColumn =
        makeAction(tr("Apply as &Column"), {QKeySequence(tr("Ctrl+Shift+I"))}, [this] { applyAsColumn(); });
    menu->addAction(m_actions.asColumn);
    menu->addAction(makeAction(tr("&Header as Column…"), {}, [this] { askForHeaderColumn(); }));
    menu->addAction(
        makeAction(tr("&Trusted Networks…"), {QKeySequence(tr("Ctrl+Shift+U"))}, [this] { m_paths->editTrust(); }));
    menu->addSeparator();
    menu->addAction(makeAction(tr("&Judge a Certificate File…"), {QKeySequence(tr("Ctrl+Shift+J"))},
                               [this] { showCertificates().askForFile(); }));
    menu->addAction(makeAction(tr("Trusted &Roots…"), {}, [this] { showCertificates().editRoots(); }));
    menu->addSeparator();
    QMenu* cell = menu->addMenu(tr("&Selected Cell"));
    m_actions.asFilter = cell->menuAction();
    connect(cell, &QMenu::aboutToShow, m_table, [this, cell] {
        qDeleteAll(cell->findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
        cell->clear();
        m_table->fillCellMenu(cell);
    });
}

void MainWindow::buildExportMenu() {
    QMenu* menu = menuBar()->addMenu(tr("E&xport"));
    m_actions.copyCurl = makeAction(tr("Copy as c&URL (credentials masked)"), {QKeySequence(tr("Ctrl+Shift+C"))},
                                    [this] { copyAsCurl(); });
    menu->addAction(m_actions.copyCurl);
}

void MainWindow::buildHelpMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Help"));
    menu->addAction(makeAction(tr("&Keys and Filter Language"), {QKeySequence(tr("F1"))}, [this] { showKeys(); }));
    menu->addAction(makeAction(tr("&About Gatescope"), {}, [this] { showAbout(); }));
}

void MainWindow::buildToolBar() {
    auto* bar = addToolBar(tr("Tool Bar"));
    bar->setObjectName(QStringLiteral("toolBar"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize(QSize(16, 16));
    bar->addAction(m_actions.open);
    bar->addAction(m_actions.reload);
    bar->addAction(m_actions.cancel);
    bar->addAction(m_actions.capture);
    auto* space = new QWidget;
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    bar->addAction(m_actions.theme);
    menuBar()->setContextMenuPolicy(Qt::PreventContextMenu);
}

void MainWindow::updateActions() {
    const bool open = m_session.isOpen();
    const bool rows = m_table->requests().rowCount() > 0;
    const bool chosen = m_table->currentRow().has_value();
    m_actions.reload->setEnabled(open);
    m_actions.close->setEnabled(open);
    // A capture is ended with Ctrl+E: one that goes on unseen helps nobody.
    m_actions.cancel->setEnabled(m_session.running() && !m_capture.active());
    for (QAction* action : {m_actions.next, m_actions.previous, m_actions.goTo, m_actions.fit})
        action->setEnabled(rows);
    for (QAction* action : {m_actions.copyValue, m_actions.copyCurl, m_actions.asColumn, m_actions.asFilter,
                            m_actions.nextInFlow, m_actions.previousInFlow}) {
        action->setEnabled(chosen);
    }
    m_actions.back->setEnabled(m_visit > 0);
    m_actions.forward->setEnabled(m_visit + 1 < m_visited.size());
    m_actions.clearFilter->setEnabled(open && (!m_groupFilter.empty() || m_span || !m_filterBar->text().isEmpty()));
}

} // namespace gatescope::ui
