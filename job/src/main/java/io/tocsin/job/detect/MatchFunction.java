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
package io.tocsin.job.detect;

import io.tocsin.job.detect.MatchIndex.Role;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Told;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.source.pack.Packer;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Fans an occurrence out to the subjects it concerns: one candidate for each definition of a
 * subject whose rules it plays a role for, none where it plays none; and one more for each object
 * that its note names to rules that look there. Stateless.
 */
public final class MatchFunction extends RichFlatMapFunction<Occurrence, Candidate> {

    private static final long serialVersionUID = 1L;

    /** No object has a longer name (RFC 1123 subdomain). */
    private static final int NAME_CHARS = 253;

    private final List<Rule> rules;

    private transient MatchIndex index;
    private transient Packer packer;

    /** Makes the operator. */
    public MatchFunction(RuleSet rules) {
        this(rules.rules());
    }

    MatchFunction(List<Rule> rules) {
        this.rules = rules;
    }

    @Override
    public void open(OpenContext context) {
        index = new MatchIndex(rules);
        packer = new Packer();
    }

    @Override
    public void flatMap(Occurrence occurrence, Collector<Candidate> out) {
        List<Role> played = index.played(occurrence);
        int end;
        for (int begin = 0; begin < played.size(); begin = end) {
            Role first = played.get(begin);
            end = begin + 1;
            while (end < played.size() && played.get(end).isWith(first)) {
                end++;
            }
            Occurrence seen = occurrence;
            if (first.about() != null) {
                String name = first.about().nameIn(occurrence);
                if (name == null || name.length() > NAME_CHARS) {
                    continue;
                }
                seen = Subjects.about(occurrence, first.about().kind(), name);
            }
            out.collect(candidate(seen, played, begin, end));
        }
    }

    private Candidate candidate(Occurrence occurrence, List<Role> played, int begin, int end) {
        Subjects subjects = played.get(begin).subjects();
        String[] roles = played.get(begin).alone();
        // Most of what healthy pods report only ends alerts: its text would fill state and network.
        boolean tells = played.get(begin).tells();
        if (end - begin > 1) {
            roles = new String[end - begin];
            for (int i = begin; i < end; i++) {
                roles[i - begin] = played.get(i).name();
                tells |= played.get(i).tells();
            }
        }
        return new Candidate(
                Candidate.Kind.OCCURRENCE,
                subjects.key(occurrence),
                subjects.subjectKey(occurrence),
                subjects.reach(occurrence),
                roles,
                occurrence.origin(),
                occurrence.weight(),
                occurrence.fromMillis(),
                occurrence.toMillis(),
                occurrence.cluster(),
                occurrence.regarding().namespace(),
                occurrence.node(),
                occurrence.reportingController(),
                occurrence.resource(),
                occurrence.uid(),
                occurrence.resourceVersion(),
                Told.of(occurrence, tells, packer));
    }
}
