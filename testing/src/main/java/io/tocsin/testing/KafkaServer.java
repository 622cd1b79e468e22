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
package io.tocsin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A real Kafka broker, its own controller, in a child JVM on loopback; ready in about four seconds,
 * 330 MB.
 *
 * <p>Topics are created by first use, with one partition. Address and data stay the same when its
 * process is stopped, killed, paused or started again. Nothing is left running when this JVM dies.
 * One thread at a time.
 */
public final class KafkaServer implements AutoCloseable {

    private final Path folder;
    private final int port;
    private final ServerProcess process;

    private KafkaServer() {
        String classpath = ServerClasspath.of("kafka");
        folder = ServerFiles.folder("kafka");
        port = FreePorts.next();
        Path properties = folder.resolve("server.properties");
        try {
            Files.writeString(properties, properties(FreePorts.next()));
            format(classpath, properties);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare " + folder, e);
        }
        process =
                new ServerProcess(
                        "kafka",
                        ServerFiles.java(
                                "256m", classpath, List.of("kafka.Kafka", properties.toString())),
                        folder.resolve("kafka.log"),
                        this::listens,
                        ServerFiles.JVM_READY_WITHIN);
    }

    /** A broker, started and ready. */
    public static KafkaServer start() {
        KafkaServer server = new KafkaServer();
        try {
            server.process.start();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** What clients call {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Its process. */
    public ServerProcess process() {
        return process;
    }

    /** Kills it and removes the data; its log stays. */
    @Override
    public void close() {
        process.close();
        ServerFiles.delete(folder.resolve("data"));
    }

    private String properties(int controllerPort) {
        return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%d
        listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
        advertised.listeners=PLAINTEXT://127.0.0.1:%d
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs=%s
        num.partitions=1
        offsets.topic.num.partitions=1
        offsets.topic.replication.factor=1
        transaction.state.log.num.partitions=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        group.initial.rebalance.delay.ms=0
        """
                .formatted(controllerPort, port, controllerPort, port, folder.resolve("data"));
    }

    private void format(String classpath, Path properties) throws IOException {
        byte[] id = new byte[16];
        ThreadLocalRandom.current().nextBytes(id);
        // An id that begins with a dash would look like an option.
        id[0] = 1;
        Process format =
                new ProcessBuilder(
                                ServerFiles.java(
                                        "128m",
                                        classpath,
                                        List.of(
                                                "kafka.tools.StorageTool",
                                                "format",
                                                "-t",
                                                Base64.getUrlEncoder()
                                                        .withoutPadding()
                                                        .encodeToString(id),
                                                "-c",
                                                properties.toString())))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(format.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (format.waitFor() != 0) {
                throw new IllegalStateException("Kafka's storage was not formatted:\n" + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while formatting Kafka's storage", e);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
