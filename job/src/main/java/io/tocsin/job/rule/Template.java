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

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import java.util.Map;

/**
 * Renders mustache templates over the fields of an event. What is missing is empty; nothing is
 * escaped, since each receiver escapes for itself.
 */
public final class Template {

    private static final Mustache.Compiler COMPILER =
            Mustache.compiler().escapeHTML(false).defaultValue("").nullValue("");

    private final com.samskivert.mustache.Template compiled;

    private Template(com.samskivert.mustache.Template compiled) {
        this.compiled = compiled;
    }

    /**
     * Compiles a template.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public static Template compile(String text) {
        try {
            return new Template(COMPILER.compile(text));
        } catch (MustacheException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Renders into one line. */
    public String render(Map<String, Object> fields) {
        return compiled.execute(fields).strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
