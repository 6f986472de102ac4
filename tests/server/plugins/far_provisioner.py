"""A kernel provisioner that starts kernels through another program, and knows no process id of theirs."""

from __future__ import annotations

from pathlib import Path

from jupyter_client.provisioning.local_provisioner import LocalProvisioner


class FarProvisioner(LocalProvisioner):
    """Starts kernels as if they were elsewhere; refuses to while there is a file ``refused`` beside the kernelspec."""

    async def launch_kernel(self, cmd, **kwargs):
        if self._is_refused():
            raise RuntimeError("No place is free for another kernel.")
        found = await super().launch_kernel(["env", "FAR=yes", *cmd], **kwargs)
        self.pid = self.pgid = None
        return found

    def _is_refused(self):
        return Path(self.kernel_spec.resource_dir, "refused").exists()
