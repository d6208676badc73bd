/** The shells that there are completions for, and how those get into them. */

/** The names of the shells. */
export const names = ["bash", "zsh", "fish", "powershell"] as const

/** The name of a shell. */
export type Name = (typeof names)[number]

/** How the script gets into a shell, to be pasted into it. */
export const install: Readonly<Record<Name, string>> = {
  bash: "echo 'source <(pcb completion bash)' >> ~/.bashrc",
  zsh: "pcb completion zsh > \"${fpath[1]}/_pcb\"",
  fish: "pcb completion fish > ~/.config/fish/completions/pcb.fish",
  powershell: "pcb completion powershell >> $PROFILE"
}
