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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Appends dead letters to {@code DIR/dead-letters.jsonl}, one line of {@link DeadLetterJson} each,
 * and forces them to the disk before returning. A line torn by a crash is closed by a line break
 * before the next one is written. Several tasks and processes may share the file.
 */
public final class FileDeadLetters implements DeadLetterHandler {
    private static final long serialVersionUID = 1L;

    /** File locks hold between processes only; between the tasks of this one, this does. */
    private static final Object TASKS = new Object();

    /** The file's name in its folder. */
    public static final String FILE_NAME = "dead-letters.jsonl";

    private final String folder;

    /**
     * @param folder created when it does not exist
     */
    public FileDeadLetters(String folder) {
        this.folder = Objects.requireNonNull(folder, "dead letters need a folder");
    }

    @Override
    public void accept(DeadLetter letter) throws IOException {
        Path file = Path.of(folder, FILE_NAME);
        // Asked first, since createDirectories refuses a link to a folder.
        if (!Files.isDirectory(file.getParent())) {
            Files.createDirectories(file.getParent());
        }
        synchronized (TASKS) {
            append(file, letter);
        }
    }

    private static void append(Path file, DeadLetter letter) throws IOException {
        // Opened each time: letters are rare, and the file may be moved away between two of them.
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            // Released when the channel is closed.
            channel.lock();
            long end = channel.size();
            String lead = isTorn(channel, end) ? "\n" : "";
            ByteBuffer line =
                    StandardCharsets.UTF_8.encode(lead + DeadLetterJson.line(letter) + "\n");
            while (line.hasRemaining()) {
                end += channel.write(line, end);
            }
            channel.force(true);
        }
    }

    private static boolean isTorn(FileChannel channel, long end) throws IOException {
        if (end == 0) {
            return false;
        }
        ByteBuffer last = ByteBuffer.allocate(1);
        return channel.read(last, end - 1) == 1 && last.get(0) != '\n';
    }
}
