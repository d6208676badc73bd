/** The shells with completions, and how to install them. */

/** The names of the shells. */
export const names = ["bash", "zsh", "fish", "powershell"] as const

/** The name of a shell. */
export type Name = (typeof names)[number]

/** The commands that install completions. */
export const install: Readonly<Record<Name, string>> = {
  bash: "echo 'source <(pcb completion bash)' >> ~/.bashrc",
  zsh: "pcb completion zsh > \"${fpath[1]}/_pcb\"",
  fish: "pcb completion fish > ~/.config/fish/completions/pcb.fish",
  powershell: "pcb completion powershell >> $PROFILE"
}
