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

import io.tocsin.annotation.StateType;

/**
 * The timers of one subject. There is one at a time, so that a subject that fails for hours does
 * not leave a timer for each failure.
 *
 * @param nextMillis event time at which a timer will fire; {@code Long.MAX_VALUE} if none
 * @param waiting whether candidates wait for the end of a list
 */
@StateType
public record Wake(long nextMillis, boolean waiting) {

    static final Wake NONE = new Wake(Long.MAX_VALUE, false);
}
