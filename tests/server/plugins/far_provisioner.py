"""A kernel provisioner that starts kernels through another program, and knows no process id of theirs."""

from __future__ import annotations

from jupyter_client.provisioning.local_provisioner import LocalProvisioner


class FarProvisioner(LocalProvisioner):
    """Starts kernels as if they were elsewhere."""

    async def launch_kernel(self, cmd, **kwargs):
        found = await super().launch_kernel(["env", "FAR=yes", *cmd], **kwargs)
        self.pid = self.pgid = None
        return found
