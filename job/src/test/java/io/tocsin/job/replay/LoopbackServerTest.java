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
package io.tocsin.job.replay;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.URI;
import org.junit.jupiter.api.Test;

class LoopbackServerTest {

    @Test
    void tellsWhatToDoWhereAMachineCannotReachItself() throws Exception {
        try (LoopbackServer server = LoopbackServer.start((request, answer) -> {})) {
            assertThatCode(() -> LoopbackServer.reach(server.uri())).doesNotThrowAnyException();
        }
        URI nobody = URI.create("http://127.0.0.1:1");
        assertThatThrownBy(() -> LoopbackServer.reach(nobody))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(nobody.toString())
                .hasMessageContaining("ip link set lo up");
    }
}
