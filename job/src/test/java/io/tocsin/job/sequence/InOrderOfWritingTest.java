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
package io.tocsin.job.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Reach;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InOrderOfWritingTest {

    @Test
    void whatHappenedAtOnceIsInTheOrderOfItsVersions() {
        List<Candidate> all = new ArrayList<>();
        for (String version : List.of("1000", "99", "101", "998", "100")) {
            all.add(written(version));
        }

        all.sort(new InOrderOfWriting()::compare);

        assertThat(all)
                .extracting(Candidate::resourceVersion)
                .containsExactly("99", "100", "101", "998", "1000");
    }

    @Test
    void whatHasNoVersionComesFirst() {
        assertThat(new InOrderOfWriting().compare(written(null), written("1"))).isNegative();
    }

    private static Candidate written(String version) {
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                "key",
                "subject",
                Reach.OBJECT,
                new String[] {"Rule/0"},
                Occurrence.Origin.LIVE,
                1,
                1,
                1,
                "c",
                "shop",
                null,
                "kubelet",
                Occurrence.EVENTS,
                "uid",
                version,
                null);
    }
}
