#include <QTest>
class Tpaths : public QObject { Q_OBJECT };
QTEST_MAIN(Tpaths)
#include "ui_paths_test.moc"
