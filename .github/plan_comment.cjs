// Write a plan into the pull request's one comment of plans, which is made anew where there is none.
const { readFile } = require("node:fs/promises");

const MARK = "<!-- terraform plan -->";
const LONGEST = 60000; // GitHub takes 65,536 characters

module.exports = async (github, repo, number, path) => {
  const plan = await readFile(path, "utf8");
  const shown = plan.length > LONGEST ? `${plan.slice(0, LONGEST)}\n... and more: see the workflow's artifact.` : plan;
  const summary = plan.match(/^(Plan: .*|No changes\..*)$/m)?.[0] ?? "Only outputs change.";
  // More backticks than the plan has in a row end nothing early.
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const body = `${MARK}\n**Terraform** ${summary}\n\n<details><summary>The plan</summary>\n\n${fence}\n${shown}\n${fence}\n\n</details>\n`;
  const comments = await github.paginate(github.rest.issues.listComments, { ...repo, issue_number: number });
  const earlier = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(MARK));
  if (earlier) await github.rest.issues.updateComment({ ...repo, comment_id: earlier.id, body });
  else await github.rest.issues.createComment({ ...repo, issue_number: number, body });
};
