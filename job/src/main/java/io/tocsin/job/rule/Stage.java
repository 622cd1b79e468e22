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

import java.io.Serializable;

/**
 * A stage of a sequence.
 *
 * @param match what belongs to it
 * @param times how many occurrences of it are needed; 1 where it must not come
 * @param not whether it must not come between the stages before and behind it
 * @param written the stage as it is written in the rule, for the operator's uid
 */
public record Stage(Matcher match, int times, boolean not, String written)
        implements Serializable {}
