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
package io.tocsin.testing.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A self-signed certificate for 127.0.0.1 and ::1, made once per JVM with the JDK's keytool.
 *
 * @param pem file of the certificate, for clients
 * @param context with the key, for the server
 */
record LoopbackCertificate(Path pem, SSLContext context) {

    private static final class Once {
        static final LoopbackCertificate CERTIFICATE = create();
    }

    static LoopbackCertificate get() {
        return Once.CERTIFICATE;
    }

    private static LoopbackCertificate create() {
        Path folder =
                Path.of("target", "fault-proxy", Long.toString(ProcessHandle.current().pid()))
                        .toAbsolutePath();
        Path store = folder.resolve("proxy.p12");
        char[] password = "loopback".toCharArray();
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(store);
            generate(store);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, password);
            }
            KeyManagerFactory managers =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            String base64 =
                    Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(keys.getCertificate("proxy").getEncoded());
            Path pem =
                    Files.writeString(
                            folder.resolve("proxy.crt"),
                            "-----BEGIN CERTIFICATE-----\n"
                                    + base64
                                    + "\n-----END CERTIFICATE-----\n");
            return new LoopbackCertificate(pem, context);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a certificate in " + folder, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot use the certificate in " + store, e);
        }
    }

    private static void generate(Path store) throws IOException {
        Process keytool =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                                .toString(),
                                        "-genkeypair",
                                        "-alias",
                                        "proxy",
                                        "-keyalg",
                                        "EC",
                                        "-groupname",
                                        "secp256r1",
                                        "-dname",
                                        "CN=127.0.0.1",
                                        "-ext",
                                        "san=ip:127.0.0.1,ip:::1,dns:localhost",
                                        "-validity",
                                        "30",
                                        "-storetype",
                                        "PKCS12",
                                        "-storepass",
                                        "loopback",
                                        "-keystore",
                                        store.toString()))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool made no certificate: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while making a certificate", e);
        }
    }
}
