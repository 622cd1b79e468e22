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
package io.tocsin.source.split;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResourceSplitTest {

    @Test
    void aSplitOfAConfiguredNameHasTheIdThatItAlwaysHad() {
        assertThat(ResourceSplit.unread("c@1", "events", "shop").splitId())
                .isEqualTo("c@1/events/shop");
    }

    @Test
    void twoLivesOfANamespaceHaveDifferentIds() {
        assertThat(ResourceSplit.unread("c", "events", "shop", "u1").splitId())
                .isEqualTo("c/events/shop@u1")
                .isNotEqualTo(ResourceSplit.unread("c", "events", "shop", "u2").splitId());
    }

    @Test
    void anIdTellsScopeAndLife() {
        assertThat(ResourceSplit.scopeOf("c@1/events/*")).isEqualTo("*");
        assertThat(ResourceSplit.lifeOf("c@1/events/*")).isNull();
        assertThat(ResourceSplit.scopeOf("c@1/events/shop@u1")).isEqualTo("shop");
        assertThat(ResourceSplit.lifeOf("c@1/events/shop@u1")).isEqualTo("u1");
    }
}
