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

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ServerFilesTest {

    @Test
    void takesNoFolderThatIsThereAlready() throws Exception {
        Path parent = Path.of("target", "server-files-test").toAbsolutePath();
        for (int n = 1; n <= 100; n++) {
            Path left = parent.resolve(ProcessHandle.current().pid() + "-" + n);
            Files.writeString(Files.createDirectories(left).resolve("data"), "of a killed run");
        }
        assertThat(ServerFiles.folder("server-files-test")).isEmptyDirectory();
        ServerFiles.delete(parent);
    }
}
