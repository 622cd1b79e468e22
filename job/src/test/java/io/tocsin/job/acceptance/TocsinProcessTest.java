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
package io.tocsin.job.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What acceptance tests count must not be nothing because it could not be read. */
class TocsinProcessTest {
    @TempDir private Path folder;

    @Test
    void findsNoLinesWhereNothingWasWrittenYet() {
        assertThat(TocsinProcess.lines(folder.resolve("none"), "event")).isEmpty();
        assertThat(TocsinProcess.lines(folder, "event")).isEmpty();
    }

    @Test
    void readsWhatIsCommitted() throws Exception {
        Files.writeString(folder.resolve("part-0"), "{\"kind\":\"event\"}\n{\"kind\":\"alert\"}\n");
        Files.writeString(folder.resolve(".part-1.inprogress"), "{\"kind\":\"ev");
        assertThat(TocsinProcess.lines(folder, "event")).hasSize(1);
    }

    @Test
    void doesNotTakeWhatItCannotReadForNothing() throws Exception {
        Files.writeString(folder.resolve("part-0"), "{\"kind\":\"event\"}\n{\"kind\":\"ev\n");
        assertThatThrownBy(() -> TocsinProcess.lines(folder, "event"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.toString());
    }
}
