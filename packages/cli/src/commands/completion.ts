/** `pic completion bash|zsh|fish`: the script that teaches a shell to complete commands, flags and names. */
import { Argument } from "commander";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";

/** Words go to `pic __complete` as they stand; where it offers nothing the shell completes files. */
const scripts = {
  bash: `_pic() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf %q "$word")")
  done < <(pic __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _pic pic
`,
  zsh: `#compdef pic
_pic() {
  local -a found
  found=("\${(@f)$(pic __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _pic pic
`,
  fish: `function __pic_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (pic __complete $words[2..] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c pic -f -a '(__pic_complete)'
`,
} as const;
type Shell = keyof typeof scripts;

export function defineCompletion(command: Command, cli: Cli): void {
  command
    .addArgument(new Argument("<shell>", "of yours").choices(Object.keys(scripts)))
    .addHelpText(
      "after",
      `
In ~/.bashrc:                   source <(pic completion bash)
In ~/.zshrc, after compinit:    source <(pic completion zsh)
In ~/.config/fish/config.fish:  pic completion fish | source`,
    )
    .action((shell: Shell) => cli.io.out.write(scripts[shell]));
}
