#include <QTest>
class Thops : public QObject { Q_OBJECT };
QTEST_MAIN(Thops)
#include "ui_hops_test.moc"
