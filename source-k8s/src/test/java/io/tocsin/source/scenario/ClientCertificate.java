/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.source.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate by which a client is an administrator, made with the JDK's keytool.
 *
 * @param authority PEM file of the certificate to trust: the client's own, which signs itself
 * @param certificate PEM file
 * @param key PEM file of its private key, PKCS #8
 */
record ClientCertificate(Path authority, Path certificate, Path key) {

    private static final String PASSWORD = "loopback";

    /** Makes one. */
    static ClientCertificate of(String user) {
        try {
            Path folder = Files.createTempDirectory("tocsin-client-certificate");
            Path store = folder.resolve("client.p12");
            keytool(
                    "-genkeypair",
                    "-alias",
                    "client",
                    "-keyalg",
                    "RSA",
                    "-dname",
                    "CN=" + user + ",O=system:masters",
                    "-ext",
                    "bc=ca:true",
                    "-ext",
                    "eku=clientAuth",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD,
                    "-keystore",
                    store.toString());
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            Path certificate =
                    pem(
                            folder.resolve("client.crt"),
                            "CERTIFICATE",
                            keys.getCertificate("client").getEncoded());
            Key key = keys.getKey("client", PASSWORD.toCharArray());
            return new ClientCertificate(
                    certificate,
                    certificate,
                    pem(folder.resolve("client.key"), "PRIVATE KEY", key.getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a client certificate", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot read the client certificate", e);
        }
    }

    private static Path pem(Path file, String what, byte[] bytes) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                file, "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, base64, what));
    }

    private static void keytool(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool made no certificate: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while making a certificate", e);
        }
    }
}
