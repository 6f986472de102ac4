"""Documents and the server's world: what makes files agree with documents, and documents with files.

Where to look:

* one file and its document: ``file``, ``plan``, ``exchange``, ``agreement``, ``open_file``
* the file: ``contents``, ``large_notebook``, ``aside``, ``identity``, ``inodes``
* when to look at it: ``watch``, ``folders``, ``disks``, ``polling``
* what people are told: ``voice``, ``words``, ``failures``, ``state``, ``wishes``
* all of them: ``files``, ``surroundings``, ``clock``
"""
