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

import io.tocsin.job.model.Candidate;
import org.apache.flink.cep.EventComparator;

/**
 * Orders what happened in the same millisecond as it was written. Many events tell whole seconds
 * only, and come by different ways: in order of arrival a container would be backed off before it
 * was killed.
 */
final class InOrderOfWriting implements EventComparator<Candidate> {

    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Candidate one, Candidate other) {
        String version = text(one.resourceVersion());
        String others = text(other.resourceVersion());
        int byLength = Integer.compare(version.length(), others.length());
        return byLength != 0 ? byLength : version.compareTo(others);
    }

    private static String text(String version) {
        return version == null ? "" : version;
    }
}
