/** Whether nobody sits in front of this machine: what is missing there, so that a test cannot be run, is a failure and no remark. */

/** What the usual services set; most of them set CI as well. */
const VARIABLES = [
  "CI",
  "CONTINUOUS_INTEGRATION",
  "BUILD_ID",
  "BUILD_NUMBER",
  "RUN_ID",
  "APPVEYOR",
  "BITBUCKET_COMMIT",
  "BITRISE_IO",
  "BUILDKITE",
  "CIRCLECI",
  "CIRRUS_CI",
  "CODEBUILD_BUILD_ARN",
  "DRONE",
  "GITEA_ACTIONS",
  "GITHUB_ACTIONS",
  "GITLAB_CI",
  "GO_PIPELINE_LABEL",
  "HUDSON_URL",
  "JENKINS_URL",
  "NETLIFY",
  "SEMAPHORE",
  "TEAMCITY_VERSION",
  "TF_BUILD",
  "TRAVIS",
  "WOODPECKER",
];

const NO = /^(|0|false|no|off)$/i;

/** The variable that says so; undefined where none does. */
export const ciVariable = (env: Readonly<Record<string, string | undefined>>): string | undefined =>
  VARIABLES.find((name) => !NO.test(env[name]?.trim() ?? ""));
