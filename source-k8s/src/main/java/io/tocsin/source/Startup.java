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
package io.tocsin.source;

/** Where a split starts that was never read. */
public enum Startup {
    /** With what the first list shows, marked as listed. */
    EARLIEST,
    /**
     * With what happens after the first list. What that list shows is emitted as baseline, because
     * counts live downstream: without it the first change of an old object has no known difference.
     */
    LATEST
}
