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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.job.replay.ReplayedResource.Change;
import io.tocsin.job.replay.ReplayedResource.Page;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayedResourceTest {
    private final ReplayedResource resource = new ReplayedResource(1 << 20);

    private static RecordedObject object(String namespace, String name, int version)
            throws IOException {
        return RecordedObject.of(
                Recordings.event(namespace, name, version).getBytes(StandardCharsets.UTF_8));
    }

    private static ResourceVersion version(int version) {
        return new ResourceVersion("" + version);
    }

    private void list(RecordedObject... objects) throws IOException {
        for (RecordedObject object : objects) {
            resource.take("ADDED", true, object);
        }
        resource.endList();
    }

    private List<String> changesAfter(int version) {
        return resource.from(resource.firstAfter(version(version)), 1000).stream()
                .map(ReplayedResourceTest::text)
                .toList();
    }

    private static String text(Change change) {
        return change.type() + " " + change.object().name() + " " + change.object().version();
    }

    private static List<String> names(Page page) {
        return page.items().stream().map(RecordedObject::name).toList();
    }

    @Test
    void aFirstListIsThePresentAndItsPastIsForgotten() throws Exception {
        list(object("n", "b", 9), object("n", "a", 4));
        assertThat(names(resource.page(null, null, 0))).containsExactly("a", "b");
        assertThat(resource.current()).isEqualTo(version(9));
        assertThat(resource.isForgotten(version(8))).isTrue();
        assertThat(resource.isForgotten(version(9))).isFalse();
        assertThat(changesAfter(9)).isEmpty();
    }

    @Test
    void aWatchGetsWhatIsNewer() throws Exception {
        list(object("n", "a", 4));
        resource.take("MODIFIED", false, object("n", "a", 5));
        resource.take("ADDED", false, object("n", "b", 8));
        resource.take("DELETED", false, object("n", "a", 9));
        resource.take("DELETED", false, object("n", "b", 9));
        assertThat(changesAfter(4))
                .containsExactly("MODIFIED a 5", "ADDED b 8", "DELETED a 9", "DELETED b 9");
        assertThat(changesAfter(8)).containsExactly("DELETED a 9", "DELETED b 9");
        assertThat(changesAfter(9)).isEmpty();
        assertThat(resource.page(null, null, 0).items()).isEmpty();
    }

    @Test
    void aWatchLosesNothingWhereVersionsWereRaisedOrGoBack() throws Exception {
        list(object("n", "a", 4));
        resource.take("ADDED", false, object("m", "b", 20));
        resource.take("MODIFIED", false, object("n", "a", 10));
        resource.take("MODIFIED", false, object("n", "a", 15));
        resource.take("MODIFIED", false, object("m", "b", 3));
        assertThat(changesAfter(4))
                .containsExactly("ADDED b 20", "MODIFIED a 21", "MODIFIED a 22", "MODIFIED b 23");
    }

    @Test
    void furtherPagesShowTheMomentOfTheFirst() throws Exception {
        list(object("n", "a", 1), object("n", "b", 2), object("m", "c", 3), object("n", "d", 4));
        Page first = resource.page(null, "n", 2);
        assertThat(names(first)).containsExactly("a", "b");
        assertThat(first.remaining()).isEqualTo(1);

        resource.take("DELETED", false, object("n", "d", 5));
        Page second = resource.page(first.version(), "n", first.next(), 2);

        assertThat(names(second)).containsExactly("d");
        assertThat(second.remaining()).isZero();
        assertThat(second.next()).isZero();
        assertThat(resource.page(version(4), null, 0)).isNotNull();
        assertThat(resource.page(version(3), null, 0)).isNull();
    }

    @Test
    void oldListsAreForgotten() throws Exception {
        list(object("n", "a", 1), object("n", "b", 2));
        Page first = resource.page(null, null, 1);
        for (int i = 3; i < 20; i++) {
            resource.take("MODIFIED", false, object("n", "a", i));
            resource.page(null, null, 1);
        }
        assertThat(resource.page(first.version(), null, first.next(), 1)).isNull();
    }

    @Test
    void aLaterListTellsWatchesWhatIsNewAndNothingElse() throws Exception {
        list(object("n", "a", 1), object("n", "b", 2), object("m", "c", 3));
        resource.take("MODIFIED", false, object("n", "a", 10));
        resource.take("ADDED", true, object("n", "a", 10));
        resource.take("ADDED", true, object("m", "x", 15));
        resource.take("ADDED", true, object("n", "b", 12));
        resource.take("MODIFIED", false, object("n", "a", 20));
        assertThat(changesAfter(10))
                .containsExactly("MODIFIED b 12", "ADDED x 15", "MODIFIED a 20");
    }

    @Test
    void versionsOfTwoWatchesAreBroughtIntoOrder() throws Exception {
        list(object("n", "a", 10));
        resource.take("ADDED", false, object("n", "b", 15));
        resource.take("ADDED", false, object("m", "c", 12));
        resource.take("ADDED", false, object("m", "d", 15));
        resource.take("ADDED", false, object("n", "e", 30));
        assertThat(changesAfter(10))
                .containsExactly("ADDED b 15", "ADDED c 16", "ADDED d 17", "ADDED e 30");
    }

    @Test
    void whatAListToldIsNotToldAgain() throws Exception {
        list(object("n", "a", 10));
        resource.take("ADDED", false, object("n", "a", 10));
        assertThat(changesAfter(10)).isEmpty();
    }

    @Test
    void aBookmarkMovesTheVersionOnly() throws Exception {
        list(object("n", "a", 10));
        resource.take(
                "BOOKMARK", false, new RecordedObject("", "", null, version(40), new byte[2]));
        assertThat(resource.current()).isEqualTo(version(40));
        assertThat(names(resource.page(null, null, 0))).containsExactly("a");
    }

    @Test
    void forgetsByBytesAndDeletionsOfOneVersionTogether() throws Exception {
        ReplayedResource small = new ReplayedResource(object("n", "a", 10).json().length * 4L);
        for (int i = 2; i < 8; i++) {
            small.take("ADDED", false, object("n", "a" + i, i));
        }
        assertThat(small.isForgotten(version(2))).isTrue();
        long behind = small.firstAfter(version(1));
        assertThat(small.from(0, 10)).isNull();
        assertThat(small.from(behind, 10)).isNotEmpty();
        for (int i = 2; i < 8; i++) {
            small.take("DELETED", false, object("n", "a" + i, 9));
        }
        // All six share version 9, and do not fit: a watch from 8 would miss some of them.
        assertThat(small.isForgotten(version(8))).isTrue();
        assertThat(small.isForgotten(version(9))).isFalse();
    }
}
