// SPDX-License-Identifier: Apache-2.0

import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** {@code TrustClient url|client CA-FILE HOST...} prints {@code HOST<tab>ok} or {@code HOST<tab>error} for each. */
public final class TrustClient {
    private static SSLContext context(String path) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        try (FileInputStream file = new FileInputStream(path)) {
            roots.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static void call(String way, SSLContext context, String host) throws Exception {
        URI place = URI.create("https://" + host + "/");
        if (way.equals("url")) {
            HttpsURLConnection connection = (HttpsURLConnection) place.toURL().openConnection();
            connection.setSSLSocketFactory(context.getSocketFactory());
            connection.setReadTimeout(20000);
            connection.getInputStream().readAllBytes();
            connection.disconnect();
        } else {
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            client.send(HttpRequest.newBuilder(place).build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    public static void main(String[] words) throws Exception {
        for (int index = 2; index < words.length; ++index) {
            String said = "ok";
            try {
                call(words[0], context(words[1]), words[index]);
            } catch (Exception error) {
                StringBuilder text = new StringBuilder();
                for (Throwable one = error; one != null; one = one.getCause()) {
                    text.append(one).append(' ');
                }
                said = text.toString().replaceAll("\\s+", " ").trim();
            }
            System.out.println(words[index] + "\t" + said);
            System.out.flush();
        }
        System.exit(0);
    }
}
