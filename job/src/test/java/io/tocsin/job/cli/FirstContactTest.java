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
package io.tocsin.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.api.ClusterContact.Limited.Refusal;
import org.junit.jupiter.api.Test;

class FirstContactTest {

    @Test
    void saysWhatIsRefusedWhatItCostsAndHowToGrantIt() {
        assertThat(FirstContact.text(new Refusal("nodes", "*", "not allowed to list nodes")))
                .isEqualTo(
                        "forbidden: not allowed to list nodes. Rules with state: nodes see nothing"
                                + " there; the others go on. Grant list and watch on nodes by a"
                                + " ClusterRole, or leave those rules out.");
    }

    @Test
    void namesTheApiGroupOfDeploymentsAndTheNamespaceOfARole() {
        assertThat(FirstContact.text(new Refusal("deployments", "shop", "not allowed")))
                .contains("Grant list and watch on deployments.apps by a Role in namespace shop");
    }
}
