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
package io.tocsin.sink.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over real sockets: receivers that hang, refuse, or lie. */
@Timeout(60)
class HttpTransportITCase {
    /** Ample for an answer that comes, however busy the machine. */
    private static final long TIMEOUT_MILLIS = 20_000;

    /** For an answer that never comes. */
    private static final long SHORT_TIMEOUT_MILLIS = 500;

    @TempDir Path folder;

    private final HttpTransport transport = new HttpTransport(Duration.ofSeconds(2));
    private Receiver receiver;

    @BeforeEach
    void start() throws Exception {
        receiver = new Receiver(0);
    }

    @AfterEach
    void stop() {
        transport.close();
        receiver.close();
    }

    @Test
    void deliversBodyAndIdempotencyKey() throws Exception {
        assertThat(send(receiver.url()))
                .isInstanceOfSatisfying(
                        Answer.Response.class,
                        response -> assertThat(response.status()).isEqualTo(204));
        assertThat(receiver.bodies()).containsExactly("firing");
        assertThat(receiver.idempotencyKeys()).containsExactly("a/firing");
    }

    @Test
    void readsTheHeadersThatDecide() throws Exception {
        receiver.behave(
                exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "7");
                    exchange.sendResponseHeaders(429, -1);
                });

        assertThat(send(receiver.url()))
                .isInstanceOfSatisfying(
                        Answer.Response.class,
                        response -> {
                            assertThat(response.status()).isEqualTo(429);
                            assertThat(response.retryAfter()).isEqualTo("7");
                            assertThat(response.date()).endsWith("GMT");
                        });
    }

    @Test
    void doesNotFollowARedirect() throws Exception {
        receiver.behave(
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    exchange.sendResponseHeaders(307, -1);
                });

        assertThat(send(receiver.url()))
                .isInstanceOfSatisfying(
                        Answer.Response.class,
                        response -> assertThat(response.status()).isEqualTo(307));
        assertThat(receiver.bodies()).hasSize(1);
    }

    @Test
    void givesUpOnAReceiverThatHangs() throws Exception {
        receiver.behave(receiver.hanging());

        assertFailure(
                send(
                        WebhookDestination.generic("oncall", Secret.inline(receiver.url()))
                                .withTimeoutMillis(SHORT_TIMEOUT_MILLIS)),
                Answer.Kind.UNKNOWN,
                "in time");
    }

    @Test
    void givesUpOnABodyThatNeverEnds() throws Exception {
        receiver.behave(receiver.trickling());

        assertFailure(
                send(
                        WebhookDestination.generic("oncall", Secret.inline(receiver.url()))
                                .withTimeoutMillis(SHORT_TIMEOUT_MILLIS)),
                Answer.Kind.UNKNOWN,
                "in time");
    }

    @Test
    void trustsNoAnswerThatWasCut() throws Exception {
        receiver.behave(Receiver.cuttingTheBody());

        assertFailure(send(receiver.url()), Answer.Kind.UNKNOWN, "connection failed");
    }

    @Test
    void readsOnlyTheBeginningOfAHugeBody() throws Exception {
        receiver.behave(Receiver.answering(200, "text/plain", "x".repeat(8 * 1024 * 1024)));

        assertThat(send(receiver.url()))
                .isInstanceOfSatisfying(
                        Answer.Response.class,
                        response -> assertThat(response.body()).hasSize(BoundedBody.KEPT_BYTES));
    }

    @Test
    void knowsThatARefusedConnectionSentNothing() throws Exception {
        assertFailure(send(Receiver.url(Receiver.freePort())), Answer.Kind.NOT_SENT, "refused");
    }

    @Test
    void saysWhatIsWrongWithAUrlWithoutShowingIt() throws Exception {
        assertFailure(send("https:// bad/hook/s3cret"), Answer.Kind.NOT_SENT, "inline value");
        assertFailure(send("ftp://host/hook/s3cret"), Answer.Kind.NOT_SENT, "http://host/path");
    }

    @Test
    void saysWhichHeaderIsUnusableWithoutShowingIt() throws Exception {
        WebhookDestination destination =
                new WebhookDestination(
                        "oncall",
                        Secret.inline(receiver.url()),
                        Map.of("Authorization", Secret.inline("Bearer s3cret\nX: y")),
                        TIMEOUT_MILLIS,
                        Dialect.GENERIC);

        assertFailure(send(destination), Answer.Kind.NOT_SENT, "Authorization");
    }

    @Test
    void readsASecretFileAgainForEachAttempt() throws Exception {
        Path file = folder.resolve("url");
        WebhookDestination destination =
                WebhookDestination.generic("oncall", Secret.file(file.toString()))
                        .withTimeoutMillis(TIMEOUT_MILLIS);

        assertFailure(send(destination), Answer.Kind.NOT_SENT, file.toString());
        Files.writeString(file, receiver.url() + "\n");
        assertThat(send(destination)).isInstanceOf(Answer.Response.class);
    }

    @Test
    void saysWhichEnvironmentVariableIsMissing() throws Exception {
        assertFailure(
                send(WebhookDestination.generic("oncall", Secret.env("TOCSIN_NOT_SET"))),
                Answer.Kind.NOT_SENT,
                "environment variable TOCSIN_NOT_SET");
    }

    private Answer send(String url) throws Exception {
        return send(
                WebhookDestination.generic("oncall", Secret.inline(url))
                        .withTimeoutMillis(TIMEOUT_MILLIS));
    }

    private Answer send(WebhookDestination destination) throws Exception {
        return transport
                .send(
                        destination,
                        new Lane.Sending(0, Requests.request("oncall", "a", "firing"), 1, false))
                .get(30, TimeUnit.SECONDS);
    }

    private static void assertFailure(Answer answer, Answer.Kind kind, String part) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Failure.class,
                        failure -> {
                            assertThat(failure.kind()).isEqualTo(kind);
                            assertThat(failure.reason())
                                    .contains(part)
                                    .doesNotContain("s3cret", "hook");
                        });
    }
}
