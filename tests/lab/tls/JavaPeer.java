// SPDX-License-Identifier: Apache-2.0

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * Java as server or client of the TLS matrix: {@code server PORT STORE.p12} or {@code client PORT NAME STORE.p12
 * TLS-VERSION 1|2 TARGET...}. The store holds the key of the server and the authority; its password is "gatescope".
 */
public final class JavaPeer {
    private static final char[] PASSWORD = "gatescope".toCharArray();

    private static SSLContext context(String path) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(path)) {
            store.load(file, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, PASSWORD);
        java.security.cert.Certificate[] chain = store.getCertificateChain("lab");
        roots.setCertificateEntry("authority", chain[chain.length - 1]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static String digest(byte[] data) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    }

    private static byte[] content(int size) {
        StringBuilder text = new StringBuilder();
        for (int number = 0; text.length() < size; ++number) {
            text.append(String.format("line %09d%n", number));
        }
        return text.substring(0, size).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static void say(String method, String target, int status, byte[] request, byte[] response)
            throws Exception {
        System.out.printf("{\"method\":\"%s\",\"target\":\"%s\",\"status\":%d,\"request_bytes\":%d,"
                + "\"request_sha256\":\"%s\",\"response_bytes\":%d,\"response_sha256\":\"%s\"}%n", method, target,
                status, request.length, digest(request), response.length, digest(response));
        System.out.flush();
    }

    private static void serve(int port, String store) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
        server.createContext("/", exchange -> {
            byte[] request = exchange.getRequestBody().readAllBytes();
            String target = exchange.getRequestURI().toString();
            byte[] body = content(Integer.parseInt(target.substring(target.lastIndexOf('/') + 1)));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private static void call(int port, String name, String store, String version, String http, String[] targets,
            int first) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv" + version});
        HttpClient client = HttpClient.newBuilder().sslContext(context(store)).sslParameters(parameters)
                .version(http.equals("2") ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1).build();
        for (int index = first; index < targets.length; ++index) {
            URI place = URI.create("https://" + name + ":" + port + targets[index]);
            HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(place).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            say("GET", targets[index], answer.statusCode(), new byte[0], answer.body());
        }
    }

    public static void main(String[] words) throws Exception {
        int port = Integer.parseInt(words[1]);
        if (words[0].equals("server")) {
            serve(port, words[2]);
        } else {
            call(port, words[2], words[3], words[4], words[5], words, 6);
        }
        if (words[0].equals("client")) {
            System.exit(0);
        }
    }
}
