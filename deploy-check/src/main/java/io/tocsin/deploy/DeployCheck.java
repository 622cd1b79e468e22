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
package io.tocsin.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks a deployment before it is applied: {@code deploy-check/check FILE...}. One line for each
 * problem, {@code file:line path: got, expected; remedy}.
 *
 * <p>Exit codes: 0 nothing is wrong; 1 there are problems; 2 the check itself could not be done.
 */
public final class DeployCheck implements AutoCloseable {
    private static final String USAGE =
            """
            usage: deploy-check/check [FILE...]

            Tells what is wrong with a deployment before it is applied, a line for each problem. Each file
            is checked for itself, as whole as kubectl would apply it; k8s-flinkdeployment.yaml without one.

            Exit codes: 0 nothing is wrong, 1 there are problems, 2 a check could not be done.""";

    private final Path root;
    private final JobJar jar;
    private final Schemas schemas = new Schemas();
    private final OperatorCheck operator = new OperatorCheck();
    private final FlinkOptionNames names;

    /**
     * @param root folder of the project, built
     * @throws IOException if there is no job jar
     */
    DeployCheck(Path root) throws IOException {
        this.root = root;
        Path target = root.resolve("job").resolve("target");
        jar = JobJar.open(jobJar(target), target.resolve("runtime"));
        names = new FlinkOptionNames(jar.flinkOptions());
    }

    /**
     * Runs the check over the manifest given, with the Dockerfile and the job jar of this build.
     */
    public static void main(String[] arguments) {
        // The operator's threads must not keep the JVM alive.
        System.exit(run(arguments, System.getProperty("tocsin.root", ".")));
    }

    static int run(String[] arguments, String root) {
        List<String> files = List.of(arguments);
        if (files.contains("--help") || files.contains("-h")) {
            System.out.println(USAGE);
            return 0;
        }
        if (files.isEmpty() || files.stream().anyMatch(each -> each.startsWith("-"))) {
            System.err.println(USAGE);
            return 2;
        }
        String at = root;
        try (DeployCheck check = new DeployCheck(Path.of(root))) {
            int code = 0;
            Set<Problem> told = new HashSet<>();
            for (String file : files) {
                at = file;
                List<Problem> problems = check.problems(Path.of(file));
                problems.stream().filter(told::add).forEach(System.out::println);
                System.err.println(
                        file
                                + (problems.isEmpty()
                                        ? ": no problem found"
                                        : ": problems found: " + problems.size()));
                code = problems.isEmpty() ? code : 1;
            }
            return code;
        } catch (NoSuchFileException e) {
            System.err.println("deploy-check: there is no " + e.getMessage());
        } catch (IOException e) {
            System.err.println("deploy-check: cannot read " + at + ": " + e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            // Not to be thrown: threads of the operator would keep the JVM alive for ever.
            System.err.println("deploy-check: cannot check " + at + ": " + e);
        }
        return 2;
    }

    /**
     * Checks a manifest, and the Dockerfile of its image.
     *
     * @throws IOException if either is missing
     */
    List<Problem> problems(Path file) throws IOException {
        Path dockerfile = root.resolve("Dockerfile");
        Problems problems = new Problems(file.toString());
        Problems images = new Problems(dockerfile.toString());
        Manifest manifest = Manifest.read(file, problems);
        Dockerfile image = Dockerfile.read(dockerfile, root, images);
        new ObjectsCheck(schemas, problems).check(manifest);
        boolean followUp = !problems.isEmpty();
        if (manifest.whole() && manifest.kind("FlinkDeployment").isEmpty()) {
            problems.add(1, "", "got no FlinkDeployment, expected one; is this the right file?");
        }
        for (Field deployment : manifest.kind("FlinkDeployment")) {
            if (deployment.get("spec").entries().isEmpty()) {
                problems.add(deployment.get("spec"), "nothing", "a mapping", "add it");
                continue;
            }
            operator.check(deployment, followUp, problems);
            new FlinkOptionsCheck(names, image.hasPlugin(), problems).check(deployment);
            new JavaOptionsCheck(root.resolve("flink-conf/config.yaml"), problems)
                    .check(deployment);
            new ReferencesCheck(manifest, problems).check(deployment);
            new MemoryCheck(jar, names, problems).check(deployment);
            new LockdownCheck(problems).check(deployment);
            PipelineCheck.Watched watched =
                    new JobCheck(manifest, jar, problems).check(deployment, image);
            new RightsCheck(manifest, problems).check(deployment, watched);
        }
        List<Problem> all = new ArrayList<>(problems.all());
        all.addAll(images.all());
        return all;
    }

    @Override
    public void close() throws IOException {
        jar.close();
    }

    private static Path jobJar(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().matches("tocsin-job-.*jar"))
                    .findFirst()
                    .orElseThrow(
                            () -> new IOException("no job jar in " + target + ": build it first"));
        }
    }
}
