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
package io.tocsin.source.api;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP client of one cluster, shared by everything in this JVM that speaks to it. Closed with
 * its last user. Thread-safe.
 */
final class Fabric8Connection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Fabric8Connection.class);

    /** Guarded by itself. */
    private static final Map<ClusterAccess, Fabric8Connection> SHARED = new HashMap<>();

    /**
     * @param http carries credentials, TLS and proxies
     * @param server address with a slash at its end, without credentials
     * @param generation counts reloads
     */
    record Client(HttpClient http, String server, int generation) {}

    private final ClusterAccess access;

    /** Guarded by {@link #SHARED}. */
    private int users;

    private volatile Client client;

    private Fabric8Connection(ClusterAccess access) {
        this.access = access;
        this.client = connect(0);
    }

    /**
     * Connects, or joins the connection that there is.
     *
     * @throws IllegalArgumentException if the access cannot be used
     */
    static Fabric8Connection open(ClusterAccess access) {
        synchronized (SHARED) {
            Fabric8Connection connection = SHARED.get(access);
            if (connection == null) {
                connection = new Fabric8Connection(access);
                SHARED.put(access, connection);
            }
            connection.users++;
            return connection;
        }
    }

    Client client() {
        return client;
    }

    /**
     * Reads the access again, unless somebody did so since that generation. What is wrong with it
     * now is logged, and the client stays as it was: the server's answer will tell.
     */
    synchronized void reload(int generation) {
        Client old = client;
        if (old.generation() != generation) {
            return;
        }
        try {
            // The old client is not closed: other calls are still under way on it.
            client = connect(generation + 1);
        } catch (IllegalArgumentException e) {
            LOG.warn("Credentials cannot be read again, the old ones stay: {}", e.getMessage());
        }
    }

    private Client connect(int generation) {
        Config config = Fabric8Config.load(access);
        String server = config.getMasterUrl();
        try {
            return new Client(
                    new Fabric8HttpClientFactory().newBuilder(config).build(),
                    server.endsWith("/") ? server : server + "/",
                    generation);
        } catch (RuntimeException e) {
            throw new BadConfigException(
                    "the credentials or certificates for "
                            + server
                            + " cannot be used: "
                            + NetworkFailure.describe(e),
                    "check certificate-authority, client-certificate and client-key");
        }
    }

    @Override
    public void close() {
        synchronized (SHARED) {
            if (--users == 0) {
                SHARED.remove(access, this);
                client.http().close();
            }
        }
    }
}
