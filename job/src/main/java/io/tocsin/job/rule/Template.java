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
import io.tocsin.job.yaml.Suggestion;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Renders mustache templates over the fields of an event. What is missing is empty; nothing is
 * escaped, since each receiver escapes for itself. What would fail when something rings, or be
 * empty for ever, is refused when it is compiled.
 */
public final class Template {

    /** The most chars of a template. */
    static final int MOST_CHARS = 4_000;

    private static final Mustache.Compiler COMPILER =
            Mustache.compiler().escapeHTML(false).defaultValue("").nullValue("");

    private final com.samskivert.mustache.Template compiled;

    private Template(com.samskivert.mustache.Template compiled) {
        this.compiled = compiled;
    }

    /**
     * Compiles a template.
     *
     * @throws IllegalArgumentException if it is malformed, names a field that alerts do not have,
     *     or includes other templates
     */
    public static Template compile(String text) {
        if (text.length() > MOST_CHARS) {
            throw new IllegalArgumentException("longer than " + MOST_CHARS + " characters");
        }
        try {
            com.samskivert.mustache.Template compiled = COMPILER.compile(text);
            Names names = new Names();
            compiled.visit(names);
            names.check();
            return new Template(compiled);
        } catch (MustacheException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Renders into one line. */
    public String render(Map<String, Object> fields) {
        return compiled.execute(fields).strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    /** What a template names. */
    private static final class Names implements Mustache.Visitor {

        private final Set<String> used = new LinkedHashSet<>();
        private final Set<String> sections = new LinkedHashSet<>();
        private boolean includes;

        /** Throws if something is named that there is not. */
        void check() {
            if (includes) {
                throw new IllegalArgumentException("there are no other templates to include");
            }
            used.addAll(sections);
            for (String name : used) {
                if (!known(name)) {
                    Set<String> fields = new TreeSet<>(RuleKeys.TEMPLATE_FIELDS);
                    throw new IllegalArgumentException(
                            "there is no field " + name + Suggestion.of(name, fields));
                }
            }
        }

        private boolean known(String name) {
            if (RuleKeys.isTemplateField(name)
                    || (sections.contains(name) && RuleKeys.hasTemplateFields(name))) {
                return true;
            }
            if (name.equals(".") || name.equals("this")) {
                return !sections.isEmpty();
            }
            // Where a section ends is not told: its fields may be named short in all of the text.
            return sections.stream()
                    .anyMatch(section -> RuleKeys.isTemplateField(section + "." + name));
        }

        @Override
        public void visitText(String text) {
            // Any text will do.
        }

        @Override
        public void visitVariable(String name) {
            used.add(name);
        }

        @Override
        public boolean visitInclude(String name) {
            includes = true;
            return false;
        }

        @Override
        public boolean visitParent(String name) {
            includes = true;
            return false;
        }

        @Override
        public boolean visitBlock(String name) {
            includes = true;
            return false;
        }

        @Override
        public boolean visitSection(String name) {
            sections.add(name);
            return true;
        }

        @Override
        public boolean visitInvertedSection(String name) {
            sections.add(name);
            return true;
        }
    }
}
