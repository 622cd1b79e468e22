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
package io.tocsin.sink.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeadLettersTest {
    private static final String TEXT_LINE =
            "{\"kind\":\"deadLetter\",\"version\":1,\"stage\":\"webhook\",\"origin\":\"oncall\","
                    + "\"reason\":\"HTTP 404\",\"time\":\"1970-01-01T00:00:01Z\",\"raw\":\"{\\\"ä\\\":1}\"}";
    private static final String BINARY_LINE =
            "{\"kind\":\"deadLetter\",\"version\":1,\"stage\":\"webhook\",\"origin\":\"oncall\","
                    + "\"reason\":\"HTTP 404\",\"time\":\"1970-01-01T00:00:01Z\",\"rawBase64\":\"/w==\"}";

    @TempDir Path folder;

    @Test
    void appendsOneLinePerLetter() throws IOException {
        FileDeadLetters letters = new FileDeadLetters(folder.resolve("new").toString());
        letters.accept(letter("{\"ä\":1}".getBytes(StandardCharsets.UTF_8)));
        letters.accept(letter(new byte[] {(byte) 0xff}));

        assertThat(folder.resolve("new").resolve(FileDeadLetters.FILE_NAME))
                .hasContent(TEXT_LINE + "\n" + BINARY_LINE + "\n");
    }

    @Test
    void keepsEveryLetterOfTasksThatShareTheFile() throws Exception {
        List<Callable<Void>> tasks =
                Collections.nCopies(
                        4,
                        () -> {
                            FileDeadLetters letters = new FileDeadLetters(folder.toString());
                            for (int i = 0; i < 25; i++) {
                                letters.accept(letter(new byte[] {(byte) 0xff}));
                            }
                            return null;
                        });
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(Files.readAllLines(folder.resolve(FileDeadLetters.FILE_NAME)))
                .hasSize(100)
                .containsOnly(BINARY_LINE);
    }

    @Test
    void followsALinkToItsFolder() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);

        new FileDeadLetters(link.toString()).accept(letter(new byte[] {(byte) 0xff}));

        assertThat(folder.resolve(FileDeadLetters.FILE_NAME)).hasContent(BINARY_LINE);
    }

    @Test
    void doesNotContinueALineTornByACrash() throws IOException {
        Path file = folder.resolve(FileDeadLetters.FILE_NAME);
        Files.writeString(file, "{\"kind\":\"dea");

        new FileDeadLetters(folder.toString()).accept(letter(new byte[] {(byte) 0xff}));

        assertThat(Files.readAllLines(file)).containsExactly("{\"kind\":\"dea", BINARY_LINE);
    }

    @Test
    void saysWhenItCannotKeepALetter() throws IOException {
        Path notAFolder = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(
                        () ->
                                new FileDeadLetters(notAFolder.toString())
                                        .accept(letter(new byte[0])))
                .isInstanceOf(IOException.class);
    }

    @Test
    void keepsLettersUntilTheHandlerTakesThem() {
        boolean[] full = {true};
        DeadLetterOutbox outbox =
                new DeadLetterOutbox(
                        letter -> {
                            if (full[0]) {
                                throw new IOException("disk full");
                            }
                        });
        outbox.add(letter(new byte[0]));

        assertThat(outbox.handOn()).isFalse();
        assertThat(outbox.waiting()).hasSize(1);
        full[0] = false;
        assertThat(outbox.handOn()).isTrue();
        assertThat(outbox.waiting()).isEmpty();
    }

    @Test
    void logsLettersWithoutTheirBytes() {
        assertThat(DeadLetterJson.lineWithoutRaw(letter("secret".getBytes(StandardCharsets.UTF_8))))
                .contains("\"rawBytes\":6")
                .doesNotContain("secret");
    }

    private static DeadLetter letter(byte[] raw) {
        return new DeadLetter("webhook", "oncall", "HTTP 404", 1_000, raw);
    }
}
