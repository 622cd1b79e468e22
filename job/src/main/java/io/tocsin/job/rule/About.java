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
package io.tocsin.job.rule;

import com.google.re2j.Pattern;
import io.tocsin.job.model.Occurrence;
import java.io.Serializable;

/**
 * Takes an event for one about an object that its note names, in the namespace of the object that
 * it regards: a pod's end may be told by the note of its owner only.
 *
 * @param kind kind of the object that the note names
 * @param name what is found in such a note; its first group is the name
 */
public record About(String kind, Pattern name) implements Serializable {

    /** The name in an occurrence's note, or null where it names none. */
    public String nameIn(Occurrence occurrence) {
        if (occurrence.note() == null) {
            return null;
        }
        com.google.re2j.Matcher found = name.matcher(occurrence.note());
        return found.find() ? found.group(1) : null;
    }
}
