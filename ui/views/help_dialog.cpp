// SPDX-License-Identifier: Apache-2.0
#include "ui/views/help_dialog.h"

#include "core/analysis/field.h"
#include "ui/bridge/text.h"

#include <QDialogButtonBox>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

QString line(const QString& left, const QString& right) {
    return QStringLiteral("<tr><td style='padding-right:24px'>%1</td><td>%2</td></tr>")
        .arg(left.toHtmlEscaped(), right.toHtmlEscaped());
}

QString keysPage(const QList<QAction*>& actions) {
    QString page = QStringLiteral("<table cellspacing='4'>");
    for (const auto* action : actions) {
        QStringList keys;
        for (const auto& key : action->shortcuts()) keys << key.toString(QKeySequence::NativeText);
        if (!keys.isEmpty()) page += line(keys.join(QStringLiteral(", ")), QString(action->text()).remove(QChar('&')));
    }
    page += line(QStringLiteral("J, K"), HelpDialog::tr("Next and previous request, in the list"));
    page += line(QStringLiteral("Ctrl+Space"), HelpDialog::tr("All words that can stand here, in the filter"));
    return page + QStringLiteral("</table>");
}

QString filterPage() {
    QString page = HelpDialog::tr("<p>A filter compares fields: <code>status &gt;= 400 &amp;&amp; project == "
                                  "\"sampleproject1\"</code>. A comparison with a missing value is false.</p>");
    page += QStringLiteral("<table cellspacing='4'>");
    page += line(QStringLiteral("== != < <= > >="), HelpDialog::tr("Compare numbers, times and exact text"));
    page += line(QStringLiteral("contains"), HelpDialog::tr("Text within the value"));
    page += line(QStringLiteral("~  matches"), HelpDialog::tr("Regular expression (RE2)"));
    page += line(QStringLiteral("in {\"a\", \"b\"}"), HelpDialog::tr("One of these"));
    page += line(QStringLiteral("in 100.64.0.0/10"), HelpDialog::tr("An address of this range"));
    page += line(QStringLiteral("exists(served_model)"), HelpDialog::tr("Has a value"));
    page += line(QStringLiteral("&& || !  and or not"), HelpDialog::tr("Join conditions; use ( ) to group"));
    page += line(QStringLiteral("header:NAME  response-header:NAME"), HelpDialog::tr("Any header"));
    page += QStringLiteral("</table><p></p><table cellspacing='4'>");
    for (const auto& field : analysis::fields()) page += line(toText(field.name), toText(field.meaning));
    return page + QStringLiteral("</table>");
}

QTextBrowser* browser(const QString& html) {
    auto* view = new QTextBrowser;
    view->setFrameShape(QFrame::NoFrame);
    view->setHtml(html);
    return view;
}

} // namespace

HelpDialog::HelpDialog(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Keys and Filter Language"));
    resize(720, 600);
    auto* tabs = new QTabWidget;
    tabs->addTab(browser(keysPage(actions)), tr("Keys"));
    tabs->addTab(browser(filterPage()), tr("Filter language"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(tabs);
    layout->addWidget(buttons);
}

} // namespace gatescope::ui
