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

import io.tocsin.job.model.Occurrence;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The rules of a job, validated as a whole. Immutable; travels with the operators that use it. */
public final class RuleSet implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Stands for the built-in rules. */
    static final String DEFAULT = "default";

    /** The most rules of a job. */
    static final int MOST_RULES = 1_000;

    /** The most sequences of a job: each is an operator of its own. */
    static final int MOST_SEQUENCES = 100;

    /** The most bytes of a file. */
    private static final long MOST_BYTES = 3_000_000;

    private static final String DEFAULT_RESOURCE = "/io/tocsin/job/rules/default.yaml";

    private final List<Rule> rules;

    RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Loads rules.
     *
     * @param sources {@code default} for the built-in pack; otherwise files, or globs of files
     * @throws InvalidRulesException if anything in them is wrong; it lists all errors
     */
    public static RuleSet load(List<String> sources) {
        Map<String, String> texts = new LinkedHashMap<>();
        List<String> errors = new ArrayList<>();
        for (String source : sources) {
            try {
                if (source.equals(DEFAULT)) {
                    texts.put("default.yaml", builtIn());
                } else {
                    files(source, texts, errors);
                }
            } catch (IOException e) {
                errors.add(source + ": got " + e + ", expected a readable file of rules");
            }
        }
        return parse(texts, errors);
    }

    /**
     * Reads rules from a text.
     *
     * @param file name of the file, for messages
     * @throws InvalidRulesException if anything in it is wrong; it lists all errors
     */
    public static RuleSet parse(String file, String yaml) {
        return parse(Map.of(file, yaml), List.of());
    }

    private static RuleSet parse(Map<String, String> texts, List<String> before) {
        RuleCollector collector = new RuleCollector();
        texts.forEach(collector::add);
        List<String> errors = new ArrayList<>(before);
        errors.addAll(collector.errors());
        if (!errors.isEmpty()) {
            throw new InvalidRulesException(errors);
        }
        return new RuleSet(collector.rules());
    }

    private static String builtIn() throws IOException {
        try (InputStream in = RuleSet.class.getResourceAsStream(DEFAULT_RESOURCE)) {
            if (in == null) {
                throw new IOException("the jar lacks " + DEFAULT_RESOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void files(String source, Map<String, String> texts, List<String> errors)
            throws IOException {
        List<Path> found = new ArrayList<>();
        if (source.indexOf('*') < 0 && source.indexOf('?') < 0 && source.indexOf('{') < 0) {
            found.add(Path.of(source));
        } else {
            int glob = source.replaceAll("[*?{].*", "").lastIndexOf('/');
            Path base = Path.of(glob < 0 ? "." : source.substring(0, glob + 1));
            String pattern = glob < 0 ? source : source.substring(glob + 1);
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            if (Files.isDirectory(base)) {
                try (Stream<Path> walk = Files.walk(base)) {
                    walk.filter(p -> Files.isRegularFile(p) && matcher.matches(base.relativize(p)))
                            .sorted()
                            .forEach(found::add);
                }
            }
        }
        if (found.isEmpty()) {
            errors.add(source + ": got no file, expected at least one that matches");
        }
        for (Path file : found) {
            if (!Files.isRegularFile(file)) {
                errors.add(
                        file
                                + ": got no such file, expected a file of rules, a glob, or \"default\" for the built-in rules");
            } else if (Files.size(file) > MOST_BYTES) {
                errors.add(
                        file
                                + ": got "
                                + Files.size(file)
                                + " bytes, expected rules of at most "
                                + MOST_BYTES
                                + " bytes");
            } else {
                texts.put(file.toString(), Files.readString(file));
            }
        }
    }

    /** The rules in the order of their sources. */
    public List<Rule> rules() {
        return rules;
    }

    /** The resources that must be watched for these rules. */
    public Set<String> resources() {
        Set<String> resources = new TreeSet<>();
        for (Rule rule : rules) {
            add(rule.match(), resources);
            rule.life().clears().forEach(matcher -> add(matcher, resources));
            rule.life().keepAlive().forEach(matcher -> add(matcher, resources));
            if (rule.when() instanceof When.Absence absence) {
                add(absence.awaited(), resources);
            } else if (rule.when() instanceof When.Sequence sequence) {
                sequence.stages().forEach(stage -> add(stage.match(), resources));
            }
        }
        return Collections.unmodifiableSet(resources);
    }

    /** The resources that must be watched for these rules besides events. */
    public Set<String> watchedObjects() {
        Set<String> objects = new TreeSet<>(resources());
        objects.remove(Occurrence.EVENTS);
        return Collections.unmodifiableSet(objects);
    }

    private static void add(Matcher matcher, Set<String> resources) {
        if (matcher != null) {
            resources.add(matcher.resource());
        }
    }
}
