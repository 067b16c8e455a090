#include <QTest>
class Theaders : public QObject { Q_OBJECT };
QTEST_MAIN(Theaders)
#include "ui_headers_test.moc"
