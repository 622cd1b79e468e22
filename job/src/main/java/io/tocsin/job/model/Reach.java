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

/**
 * Which subjects of a place an occurrence concerns: one that names less than a subject's definition
 * can still end or prolong alerts. Constants may be added, never removed or renamed.
 */
public enum Reach {
    /** The one it names. */
    SUBJECT,
    /** All of the same object: it names no part of it. */
    OBJECT,
    /** All of the same place: it does not say which object of that name. */
    PLACE
}
