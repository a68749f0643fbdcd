/**
 * `npm run real:kafka`: gets the Kafka on which tests run, by Maven, into the user's cache folder. It does nothing when
 * the jars are there, or when `KAFKA_HOME` names an installed Kafka.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { jarCache, KAFKA_VERSION, kafkaClassPath } from "../../gateway/testing/real/kafka-jars.ts";

const DEPENDENCIES = [
  ["org.apache.kafka", "kafka_2.13", KAFKA_VERSION],
  ["org.apache.kafka", "kafka-tools", KAFKA_VERSION],
  // Kafka logs by SLF4J, and without a binding it says nothing of why it does not start.
  ["org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"],
] as const;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>edge-im</groupId><artifactId>kafka-of-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${DEPENDENCIES.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  ).join("")}</dependencies>
</project>`;

if (kafkaClassPath() === undefined) {
  const target = jarCache();
  await mkdir(dirname(target), { recursive: true });
  // Beside the target, and renamed when it is complete: an interrupted download leaves no half of a Kafka.
  const folder = await mkdtemp(`${target}-`);
  try {
    await writeFile(join(folder, "pom.xml"), POM);
    const goal = [
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      `-DoutputDirectory=${folder}/jars`,
    ];
    await execa("mvn", ["--batch-mode", "--quiet", "--file", join(folder, "pom.xml"), ...goal], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    await rename(join(folder, "jars"), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`Kafka ${KAFKA_VERSION} is in ${target}`);
}
