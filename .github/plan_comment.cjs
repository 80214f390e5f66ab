// Write a Terraform plan to a comment on the pull request; update the comment if there is one already.
const { readFile } = require("node:fs/promises");

const MARK = "<!-- terraform plan -->";
const MAX_LENGTH = 60000; // GitHub accepts 65,536 characters

module.exports = async (github, repo, number, path) => {
  const plan = await readFile(path, "utf8");
  const shown = plan.length > MAX_LENGTH ? `${plan.slice(0, MAX_LENGTH)}\n... The rest is in the artifact of the workflow run.` : plan;
  const summary = plan.match(/^(Plan: .*|No changes\..*)$/m)?.[0] ?? "Only outputs change.";
  // The fence needs more backticks than the plan has in a row, or the plan could end it.
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const body = `${MARK}\n**Terraform** ${summary}\n\n<details><summary>Show the plan</summary>\n\n${fence}\n${shown}\n${fence}\n\n</details>\n`;
  const comments = await github.paginate(github.rest.issues.listComments, { ...repo, issue_number: number });
  const earlier = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(MARK));
  if (earlier) await github.rest.issues.updateComment({ ...repo, comment_id: earlier.id, body });
  else await github.rest.issues.createComment({ ...repo, issue_number: number, body });
};
