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
package io.tocsin.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.api.ObjectVersion;
import io.tocsin.source.api.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamespaceWatchTest {

    private final NamespaceWatch policy = new NamespaceWatch(ListWatchSettings.defaults());
    private final List<NamespaceWatch.Outcome> outcomes = new ArrayList<>();
    private long elapsed;

    private Call next() {
        return policy.next(now());
    }

    private Moment now() {
        return new Moment(elapsed, 0, 1.0);
    }

    private void on(Signal signal) {
        policy.on(signal, now(), outcomes);
    }

    private static Signal added(String name, String uid) {
        return new Signal.Upserted(new ObjectVersion(null, name, uid, "5", new byte[0]));
    }

    private static Signal deleted(String name, String uid) {
        return new Signal.Deleted(new ObjectVersion(null, name, uid, "6", new byte[0]));
    }

    private static Signal page(String version, String token) {
        return new Signal.Page(version, token, 0, 1, true, null, "x");
    }

    private static Signal closed(Signal.Closed.Cause cause) {
        return new Signal.Closed(cause, 0, 0, "closed");
    }

    private static Signal refused(int status, long retryAfter) {
        return new Signal.Refused(status, retryAfter, false, false, "no");
    }

    /** What was known last; null if nothing yet. */
    private Map<String, String> known() {
        return outcomes.stream()
                .filter(NamespaceWatch.Outcome.Known.class::isInstance)
                .map(each -> ((NamespaceWatch.Outcome.Known) each).namespaces())
                .reduce((first, second) -> second)
                .orElse(null);
    }

    private List<Notice> notices() {
        return outcomes.stream()
                .filter(NamespaceWatch.Outcome.Report.class::isInstance)
                .map(each -> ((NamespaceWatch.Outcome.Report) each).notice())
                .toList();
    }

    private void listed(String... namesAndUids) {
        assertThat(next()).isInstanceOf(Call.List.class);
        for (int i = 0; i < namesAndUids.length; i += 2) {
            on(added(namesAndUids[i], namesAndUids[i + 1]));
        }
        on(page("10", null));
        assertThat(next()).isInstanceOf(Call.Watch.class);
    }

    @Test
    void tellsAListOnlyWhenAllPagesAreRead() {
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
        on(added("a", "1"));
        on(page("10", "more"));
        assertThat(known()).isNull();
        assertThat(next()).isEqualTo(new Call.List(500, "more", null));
        on(added("b", "2"));
        on(page("10", null));
        assertThat(known()).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(((Call.Watch) next()).version()).isEqualTo("10");
    }

    @Test
    void aWatchTellsWhoComesAndGoesAndIsMadeAnew() {
        listed("a", "1");
        on(added("b", "2"));
        assertThat(known()).isEqualTo(Map.of("a", "1", "b", "2"));
        on(deleted("a", "1"));
        assertThat(known()).isEqualTo(Map.of("b", "2"));
        on(added("b", "3"));
        assertThat(known()).isEqualTo(Map.of("b", "3"));
        int told = outcomes.size();
        on(added("b", "3"));
        on(deleted("b", "2"));
        assertThat(outcomes).as("nothing has changed").hasSize(told);
    }

    @Test
    void everyEndOfAWatchIsFollowedByAListThatTellsWhatWasMissed() {
        listed("a", "1", "b", "2");
        elapsed += 60_000;
        on(closed(Signal.Closed.Cause.CLEAN));
        listed("b", "9");
        assertThat(known()).isEqualTo(Map.of("b", "9"));
        on(new Signal.Expired(true, null, "too old"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        listed();
        assertThat(known()).isEmpty();
    }

    @Test
    void whatIsKnownStaysWhileTheServerIsAway() {
        listed("a", "1");
        int told = outcomes.size();
        for (Signal failure :
                List.of(
                        closed(Signal.Closed.Cause.BROKEN),
                        refused(503, 0),
                        closed(Signal.Closed.Cause.IDLE))) {
            on(failure);
            assertThat(next()).isInstanceOf(Call.Wait.class);
            next();
        }
        assertThat(known()).isEqualTo(Map.of("a", "1"));
        assertThat(outcomes).hasSize(told + 3);
    }

    @Test
    void aNamespaceThatIsNotUnderstoodIsNotOneThatIsGone() {
        listed("a", "1");
        on(closed(Signal.Closed.Cause.CLEAN));
        next();
        next();
        on(new Signal.Malformed(new byte[0], "no uid"));
        on(page("12", null));
        assertThat(known()).isEqualTo(Map.of("a", "1"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
    }

    @Test
    void aNamespaceWithoutAUidIsNotUnderstood() {
        listed("a", "1");
        on(added("b", null));
        on(deleted("a", null));
        assertThat(known()).isEqualTo(Map.of("a", "1"));
        on(closed(Signal.Closed.Cause.CLEAN));
        next();
        next();
        on(added("b", null));
        on(page("12", null));
        assertThat(known()).isEqualTo(Map.of("a", "1"));
        assertThat(notices()).contains(Notice.MALFORMED);
        assertThat(next()).isInstanceOf(Call.Wait.class);
    }

    @Test
    void aListThatExpiresBetweenPagesStartsAgain() {
        next();
        on(added("gone", "1"));
        on(page("10", "more"));
        next();
        on(new Signal.Expired(false, "other", "too old"));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        assertThat(next()).isEqualTo(new Call.List(500, null, null));
        on(page("20", null));
        assertThat(known()).isEmpty();
    }

    @Test
    void watchesThatEndAtOnceAreNotRepeatedWithoutPause() {
        listed("a", "1");
        on(closed(Signal.Closed.Cause.CLEAN));
        assertThat(next()).isInstanceOf(Call.Wait.class);
        listed("a", "1");
        on(closed(Signal.Closed.Cause.CLEAN));
        long second = ((Call.Wait) next()).millis();
        listed("a", "1");
        on(closed(Signal.Closed.Cause.CLEAN));
        assertThat(((Call.Wait) next()).millis()).isGreaterThan(second);
    }

    @Test
    void obeysRetryAfterAndReloadsCredentials() {
        next();
        on(refused(429, 7_000));
        assertThat(((Call.Wait) next()).millis()).isGreaterThanOrEqualTo(7_000);
        next();
        on(refused(401, 0));
        assertThat(((Call.Wait) next()).reloadCredentials()).isTrue();
        next();
        on(refused(403, 0));
        next();
        listed("a", "1");
        assertThat(notices())
                .containsExactly(
                        Notice.THROTTLED, Notice.UNAUTHORIZED, Notice.FORBIDDEN, Notice.REGAINED);
    }
}
