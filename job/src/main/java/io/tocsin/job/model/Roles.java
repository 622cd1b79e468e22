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
package io.tocsin.job.model;

/** What an occurrence can be to a rule, and its compact name in a candidate. */
public final class Roles {

    /** It triggers the rule's condition, or is counted by it. */
    public static final String TRIGGER = "trigger";

    /** It is what an absence rule waits for. */
    public static final String AWAITED = "awaited";

    /** It ends alerts. */
    public static final String CLEAR = "clear";

    /** It keeps alerts from ending by silence. */
    public static final String KEEP_ALIVE = "keepAlive";

    /** It belongs to a stage of a sequence; followed by the stage's index. */
    public static final String STAGE = "stage";

    /** It must not come after the rest of a sequence has; of the last stages of one. */
    public static final String UNWANTED = "unwanted";

    /** A sequence has completed. */
    public static final String DETECTION = "detection";

    private Roles() {}

    /** The compact name of a role. */
    public static String name(String rule, String role) {
        return rule + "/" + role;
    }

    /** The compact name of a sequence's stage. */
    public static String stage(String rule, int index) {
        return name(rule, STAGE + index);
    }

    /** Whether what plays a role may be told in an alert, and not only end or prolong one. */
    public static boolean tells(String compact) {
        String role = compact.substring(compact.lastIndexOf('/') + 1);
        return !role.equals(AWAITED) && !role.equals(CLEAR) && !role.equals(KEEP_ALIVE);
    }
}
