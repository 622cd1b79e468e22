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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RecordedObjectTest {

    private static RecordedObject object(String json) throws IOException {
        return RecordedObject.of(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(RecordedObject object) {
        return new String(object.json(), StandardCharsets.UTF_8);
    }

    @Test
    void knowsItsKeyAndVersionWhereverTheyStand() throws Exception {
        RecordedObject object =
                object(
                        """
                        {"spec":{"metadata":{"name":"other","resourceVersion":"1"}},
                         "metadata":{"labels":{"name":"no"},"resourceVersion":"12","namespace":"n","name":"a"}}""");
        assertThat(object.key()).isEqualTo("n/a");
        assertThat(object.version()).isEqualTo(new ResourceVersion("12"));
        assertThatThrownBy(() -> object("{\"metadata\":{\"name\":\"a\"}}"))
                .hasMessageContaining("resourceVersion is missing");
    }

    @Test
    void movesEveryTimeByTheSameAndNothingElse() throws Exception {
        String json =
                """
                {"metadata":{"name":"a","resourceVersion":"1","creationTimestamp":"2026-02-28T23:59:59Z",\
                "managedFields":[{"time":"2026-02-28T23:00:00Z"}],\
                "annotations":{"restartedAt":"2026-02-28T23:59:59+01:00"}},\
                "eventTime":"2026-02-28T23:59:59.123456Z","series":{"lastObservedTime":"2026-02-28T23:59:59.5Z"},\
                "deprecatedLastTimestamp":null,"note":"failed at 2026-02-28T23:59:59Z, ü €\\n",\
                "day":"2026-02-28","odd":"2026-13-45T99:00:00Z","n":1.10,"big":12345678901234567890,"yes":true}""";
        assertThat(text(object(json).shifted(61)))
                .isEqualTo(
                        """
                        {"metadata":{"name":"a","resourceVersion":"1","creationTimestamp":"2026-03-01T00:01:00Z",\
                        "managedFields":[{"time":"2026-02-28T23:01:01Z"}],\
                        "annotations":{"restartedAt":"2026-03-01T00:01:00+01:00"}},\
                        "eventTime":"2026-03-01T00:01:00.123456Z","series":{"lastObservedTime":"2026-03-01T00:01:00.5Z"},\
                        "deprecatedLastTimestamp":null,"note":"failed at 2026-02-28T23:59:59Z, ü €\\n",\
                        "day":"2026-02-28","odd":"2026-13-45T99:00:00Z","n":1.10,"big":12345678901234567890,"yes":true}""");
        assertThat(text(object(json).shifted(61).shifted(-61))).isEqualTo(json);
        assertThat(object(json).shifted(0).json()).isEqualTo(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Times are found here by another way than in the code: by text, not by structure. */
    @Test
    void movesEveryTimeOfARealRecordingByTheSame() throws Exception {
        Pattern quoted = Pattern.compile("\"(\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z)\"");
        long seconds = 86_400L * 400 + 12_345;
        long times = 0;
        try (RecordingReader reader =
                new RecordingReader(Path.of("../recordings/one-bad-afternoon.jsonl.gz"))) {
            for (var entry = reader.next(); entry != null; entry = reader.next()) {
                RecordedObject object = RecordedObject.of(entry.object());
                List<Instant> before = times(quoted, text(object));
                List<Instant> after = times(quoted, text(object.shifted(seconds)));
                times += before.size();
                assertThat(after)
                        .isEqualTo(before.stream().map(t -> t.plusSeconds(seconds)).toList());
            }
        }
        assertThat(times).isGreaterThan(10_000);
    }

    private static List<Instant> times(Pattern pattern, String json) {
        List<Instant> times = new ArrayList<>();
        pattern.matcher(json).results().forEach(m -> times.add(Instant.parse(m.group(1))));
        return times;
    }

    @Test
    void takesAnotherVersionOnlyForItself() throws Exception {
        RecordedObject object =
                object(
                        """
                        {"metadata":{"name":"a","resourceVersion":"7"},"regarding":{"resourceVersion":"7"}}""");
        assertThat(text(object.as(new ResourceVersion("9"))))
                .isEqualTo(
                        """
                        {"metadata":{"name":"a","resourceVersion":"9"},"regarding":{"resourceVersion":"7"}}""");
    }
}
