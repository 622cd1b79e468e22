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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tocsin.testing.fault.Head;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WebhookRecorderTest {

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void answersOthersWhileOneAnswerIsThoughtAbout() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            recorder.answerByDefault(
                    request -> {
                        if (request.path().equals("/slow")) {
                            await().until(() -> go.getCount() == 0);
                        }
                        return WebhookRecorder.Answer.status(200);
                    });
            CompletableFuture<HttpResponse<Void>> slow =
                    client.sendAsync(
                            HttpRequest.newBuilder(recorder.uri("/slow")).build(),
                            HttpResponse.BodyHandlers.discarding());
            await().until(() -> recorder.requests().size() == 1);
            HttpRequest fast =
                    HttpRequest.newBuilder(recorder.uri("/fast"))
                            .timeout(Duration.ofSeconds(5))
                            .build();
            assertThat(client.send(fast, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            go.countDown();
            assertThat(slow.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void recordsRequestsVerbatim() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            assertThat(post(recorder.uri("/hook?a=b%20c"), "{\"text\": \"Größe\"}").statusCode())
                    .isEqualTo(200);
            WebhookRecorder.Recorded request = recorder.requests().get(0);
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/hook?a=b%20c");
            assertThat(request.header("X-Key")).isEqualTo("k1");
            assertThat(request.header("absent")).isNull();
            assertThat(request.body()).isEqualTo("{\"text\": \"Größe\"}");
            assertThat(request.head().start()).isEqualTo("POST /hook?a=b%20c HTTP/1.1");
            assertThat(request.head().headers()).contains(new Head.Header("X-Key", "k1"));
            assertThat(request.headers()).containsEntry("x-key", List.of("k1"));
            post(recorder.uri("/"), "later");
            assertThat(recorder.requests().get(1).time()).isAfterOrEqualTo(request.time());
        }
    }

    @Test
    void answersAsScriptedThenByDefault() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            recorder.answer(
                    WebhookRecorder.Answer.status(429)
                            .withHeader("Retry-After", "7")
                            .withBody("slow down"),
                    WebhookRecorder.Answer.status(200).after(Duration.ofMillis(50)));
            recorder.answerByDefault(WebhookRecorder.Answer.status(503));
            HttpResponse<String> first = post(recorder.uri("/"), "1");
            assertThat(first.statusCode()).isEqualTo(429);
            assertThat(first.headers().firstValue("Retry-After")).contains("7");
            assertThat(first.body()).isEqualTo("slow down");
            assertThat(post(recorder.uri("/"), "2").statusCode()).isEqualTo(200);
            assertThat(post(recorder.uri("/"), "3").statusCode()).isEqualTo(503);
            assertThat(recorder.requests())
                    .extracting(WebhookRecorder.Recorded::body)
                    .containsExactly("1", "2", "3");
        }
    }

    @Test
    void disconnectsAndHangsUntilItStops() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            recorder.answer(WebhookRecorder.Answer.disconnect(), WebhookRecorder.Answer.hang());
            assertThatThrownBy(() -> post(recorder.uri("/"), "cut"))
                    .isInstanceOf(IOException.class);
            CompletableFuture<HttpResponse<String>> hanging =
                    client.sendAsync(
                            request(recorder.uri("/"), "hangs"),
                            HttpResponse.BodyHandlers.ofString());
            await().until(() -> recorder.requests().size() == 2);
            assertThat(hanging).isNotDone();
            recorder.stop();
            assertThatThrownBy(hanging::get).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void resetsAndBreaksOffAnAnswer() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            recorder.answer(
                    WebhookRecorder.Answer.reset(),
                    WebhookRecorder.Answer.status(200).withBody("accepted").truncated(),
                    WebhookRecorder.Answer.status(204));
            assertThatThrownBy(() -> post(recorder.uri("/"), "reset"))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> post(recorder.uri("/"), "half"))
                    .isInstanceOf(IOException.class);
            assertThat(post(recorder.uri("/"), "well").statusCode()).isEqualTo(204);
            assertThat(post(recorder.uri("/"), "again").statusCode()).isEqualTo(200);
            assertThat(recorder.requests())
                    .extracting(WebhookRecorder.Recorded::body)
                    .containsExactly("reset", "half", "well", "again");
        }
    }

    @Test
    void takesChunkedBodies() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            HttpRequest chunked =
                    HttpRequest.newBuilder(recorder.uri("/"))
                            .POST(
                                    HttpRequest.BodyPublishers.ofByteArrays(
                                            List.of("a".getBytes(UTF_8), "bc".getBytes(UTF_8))))
                            .build();
            assertThat(client.send(chunked, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            assertThat(recorder.requests().get(0).body()).isEqualTo("abc");
        }
    }

    @Test
    void refusesWhileStoppedAndComesBackOnTheSamePort() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.start()) {
            URI uri = recorder.uri("/");
            post(uri, "before");
            recorder.stop();
            // A client of its own: the other one may not have noticed that its connection is
            // closed.
            HttpClient stranger = HttpClient.newHttpClient();
            assertThatThrownBy(
                            () ->
                                    stranger.send(
                                            request(uri, "lost"),
                                            HttpResponse.BodyHandlers.discarding()))
                    .isInstanceOf(ConnectException.class);
            recorder.resume();
            stranger.send(request(uri, "after"), HttpResponse.BodyHandlers.discarding());
            assertThat(recorder.requests())
                    .extracting(WebhookRecorder.Recorded::body)
                    .containsExactly("before", "after");
        }
    }

    @Test
    void listensOnIpv6() throws Exception {
        try (WebhookRecorder recorder = WebhookRecorder.startOn("::1")) {
            assertThat(recorder.uri("/x").toString()).startsWith("http://[").endsWith("/x");
            assertThat(post(recorder.uri("/x"), "six").statusCode()).isEqualTo(200);
        }
    }

    private HttpResponse<String> post(URI uri, String body)
            throws IOException, InterruptedException {
        return client.send(request(uri, body), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(URI uri, String body) {
        return HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(10))
                .header("X-Key", "k1")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
