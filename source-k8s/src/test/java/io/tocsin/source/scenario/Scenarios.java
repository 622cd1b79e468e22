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
package io.tocsin.source.scenario;

import io.tocsin.testing.KubeControlPlane;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Scenarios that each play on a stage of their own, before the control plane of their class. */
abstract class Scenarios {

    Stage stage;

    @BeforeEach
    final void open(TestInfo test, KubeControlPlane plane) {
        stage = new Stage(plane, Stage.nameOf(test));
    }

    @AfterEach
    final void close() throws IOException {
        stage.close();
    }
}
